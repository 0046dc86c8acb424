"""Kernels that need not import TensorFlow: each notebook of the tests has one of its own.

`make course` starts its kernels as Jupyter does. Where the environment has `EAGERLY`, they run
TensorFlow's functions without compiling them: for a few small batches that is quicker.
"""

import os
import sys
from pathlib import Path

import forking
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

ROOT = Path(__file__).parent.parent
EAGERLY = "S2S_TESTS_EAGERLY"


class ForkedKernelManager(AsyncKernelManager):
    """A manager of kernels that are forked where the system can do so."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if forking.FORKING:
            self.provisioner = _Provisioner(parent=self, kernel_spec=self.kernel_spec)


class _Provisioner(LocalProvisioner):
    async def launch_kernel(self, cmd, *, env, cwd, **_):
        self.process = _Process(cmd[cmd.index("ipykernel_launcher") + 1 :], env, cwd)
        self.pid = self.process.pid
        return self.connection_info


class _Process:
    """What a provisioner uses of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, arguments, env, cwd):
        self._process = forking.process(target=_run_kernel, args=(arguments, env, cwd))
        self._process.start()
        self.pid = self._process.pid

    def poll(self):
        return self._process.exitcode

    def wait(self):
        self._process.join()
        return self.poll()

    def send_signal(self, signal):
        os.kill(self.pid, signal)

    def kill(self):
        self._process.kill()

    def terminate(self):
        self._process.terminate()


def _run_kernel(arguments, env, cwd):
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    if EAGERLY in env:
        import tensorflow as tf

        tf.config.run_functions_eagerly(True)
    # A learner's kernel finds the package alone, and nothing of its tests.
    sys.path[:] = [path for path in sys.path if Path(path or cwd) not in (ROOT, ROOT / "tests")]
    # matplotlib shows figures in a notebook's cells where the kernel is there when it is imported.
    IPKernelApp.launch_instance([*arguments, "--matplotlib=inline"])
