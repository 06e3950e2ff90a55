"""The supervisor: children that fall are started again, those that need a person are not, all stop together."""

import os
import signal
import subprocess
import sys
import time

from odfin.serve import Child


def tended(child: Child, seconds: float, until) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        child.tend()
        if until():
            return True
        time.sleep(0.05)
    return False


def test_a_fallen_child_is_started_again_after_a_pause(tmp_path):
    mark = tmp_path / "starts"
    child = Child("测试", [sys.executable, "-c", f"open({str(mark)!r}, 'a').write('x'); raise SystemExit(3)"], dict(os.environ))
    assert tended(child, 30, lambda: mark.exists() and len(mark.read_text()) >= 2)
    assert child.falls[0] == 3 and child.pause > 1


def test_what_a_person_must_mend_is_not_tried_again(tmp_path):
    mark = tmp_path / "starts"
    child = Child("测试", [sys.executable, "-c", f"open({str(mark)!r}, 'a').write('x'); raise SystemExit(1)"], dict(os.environ))
    assert tended(child, 30, lambda: child.given_up)
    assert not tended(child, 3, lambda: child.process is not None)
    assert mark.read_text() == "x"


def test_serve_starts_the_console_and_stops_on_sigterm(indexed):
    environment = {**os.environ, "ODFIN_HOME": str(indexed.home), "ODFIN_UI_PORT": "18643",
                   "ODFIN_KNOWLEDGE": str(indexed.knowledge), "ODFIN_STUDENT": "teacher-that-is-not-here"}
    running = subprocess.Popen([sys.executable, "-m", "odfin.main", "serve"], env=environment, stderr=subprocess.PIPE, text=True)
    seen = []
    try:
        for line in running.stderr:
            seen.append(line)
            if "127.0.0.1:18643" in line:
                break
        running.send_signal(signal.SIGTERM)
        assert running.wait(40) == 0
    finally:
        running.kill()
    assert any("TELEGRAM_BOT_TOKEN" in line for line in seen), seen
    assert any("127.0.0.1:18643" in line for line in seen), seen
