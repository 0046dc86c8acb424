"""The machines and devices that train one model together; each module is imported by its name."""
