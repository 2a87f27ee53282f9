"""Start the web pages: Streamlit as a child process, at home in this program's folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from dashboard import assets
from dashboard.places import LOCAL, ROOT, absolute
from dashboard.terminal import say
from geo.errors import InputError


def serve(store_url: str, port: int, *, out: Path, address: str = LOCAL) -> int:
    """Serve the dashboard until it is stopped; gives its exit code.

    Only this machine can open it unless another address is named: there is no login yet.

    Raises
    ------
    InputError
        If the port is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise InputError(f"端口 {port} 已被占用", "请用 --port（或 make run PORT=…）换一个端口") from error
    if not assets.installed():
        assets.install()
    environment = {**os.environ, "WUYETU_STORE": absolute(store_url), "WUYETU_OUT": str(out.absolute())}
    app = Path(__file__).with_name("app.py")
    say(f"看板已启动：http://localhost:{port} （按 Ctrl-C 停止）")
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port)]
    command += ["--server.address", address, "--logger.hideWelcomeMessage", "true"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        # Whoever ends this process means the pages too; Ctrl-C reaches both by itself.
        signal.signal(signal.SIGTERM, lambda _signal, _frame: process.terminate())
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            return 0
