"""What a forked process has from the start: its server is silent where that fails."""

import gc
import sys

import forking
import pytest


def tell(file) -> None:
    from s2s_keras.page.font import devanagari

    made = devanagari.cache_info().currsize
    file.write_text(f"{'warm' in sys.modules} {made} {gc.get_freeze_count() > 0}")


@pytest.mark.skipif(
    not forking.FORKING, reason="needs Linux: elsewhere TensorFlow cannot be forked"
)
def test_a_forked_process_has_what_is_warm(tmp_path):
    process = forking.process(target=tell, args=(tmp_path / "told",))
    process.start()
    process.join()
    assert (tmp_path / "told").read_text() == "True 1 True"
