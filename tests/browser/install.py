"""Make sure that the browser tests have a browser and that Chinese text has a font.

Order: an installed Chromium; Debian's packages when this runs as root; else Playwright's own download.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PACKAGES = ("chromium", "fonts-noto-cjk")


def chromium() -> str | None:
    """Path of an installed Chromium, or ``None`` when only Playwright's own can serve."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def has_chinese_font() -> bool:
    """Whether any font for Simplified Chinese is installed."""
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def main() -> int:
    if chromium() and has_chinese_font():
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *_PACKAGES], check=True, env=environment
        )
        return 0
    if chromium():
        sys.stderr.write("没有中文字体：浏览器测试照常运行，截图中的中文会显示为方框。\n")
        return 0
    return subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
