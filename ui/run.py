"""Starts the console: Streamlit's own ASGI app behind the login gate, in this process, on one address.

`odfin ui` calls `run`. A supervisor starts the same thing as a child with `command` and `environment`.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import sys
from pathlib import Path

from rag.errors import OdfinError
from rag.settings import Settings, load_settings

logger = logging.getLogger(__name__)

_SCRIPT = Path(__file__).resolve().parent / "app.py"


def run(settings: Settings) -> None:
    """Serve the console until SIGINT or SIGTERM. Raises OdfinError where the address cannot be used."""
    _check_host(settings)
    listener = _listen(settings.ui_host, settings.ui_port)
    try:
        _serve(settings, listener)
    finally:
        listener.close()


def command(settings: Settings) -> list[str]:
    """What to run as a child process for the same console; give it `environment(settings)`."""
    return [sys.executable, "-m", "ui.run"]


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment with every setting that was set on purpose, without the bot's token."""
    kept = {name: value for name, value in os.environ.items() if "TELEGRAM" not in name}
    for name in settings.model_fields_set - {"telegram_token"}:
        value = getattr(settings, name)
        text = value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
        if value is not None:
            kept[f"ODFIN_{name.upper()}"] = text
    return kept


def url(settings: Settings) -> str:
    """Where a browser on this machine finds the console."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.ui_host, settings.ui_host)
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.ui_port}"


def options(settings: Settings) -> dict[str, object]:
    """Streamlit's options: nothing leaves the machine, nothing watches files, nothing of an error reaches the page."""
    return {
        "server.address": settings.ui_host,
        "server.port": settings.ui_port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.enableXsrfProtection": True,
        "server.xsrfCookieSameSite": "Strict",
        "server.enableCORS": True,
        "server.enableStaticServing": False,
        "server.enableAgentApi": False,
        "server.showEmailPrompt": False,
        # above our own limit, so that a file too large is refused in our words and not in Streamlit's
        "server.maxUploadSize": 2 * settings.upload_mb,
        "browser.gatherUsageStats": False,
        # a full collection after every run of a page stops all threads for a second once torch is loaded
        "runner.postScriptGC": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "logger.hideWelcomeMessage": True,
        "theme.base": "light",
        "theme.primaryColor": "#1f5fa8",
        "theme.backgroundColor": "#ffffff",
        "theme.secondaryBackgroundColor": "#f3f6fa",
        "theme.textColor": "#1b2733",
        "theme.borderColor": "#dde4ec",
        "theme.baseRadius": "0.5rem",
        "theme.font": '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif',
    }


def _serve(settings: Settings, listener: socket.socket) -> None:
    # here, not above: `odfin --help` should not wait for Streamlit
    import uvicorn
    from starlette.middleware import Middleware
    from streamlit.starlette import App
    from streamlit.web.bootstrap import load_config_options

    from ui.console import Console, install
    from ui.errors import report_script_error
    from ui.gate import LOOPBACK, Gate
    from ui.login import LoginPages

    load_config_options(options(settings))
    console = Console(settings)
    install(console)
    pages = LoginPages(console.accounts, console.texts, console.cookie)
    hosts = LOOPBACK if _is_loopback(settings.ui_host) else ()
    app = App(_SCRIPT, routes=[*pages.routes, *console.backups.routes], on_script_error=report_script_error, middleware=[
        Middleware(Gate, accounts=console.accounts, cookie=console.cookie, hosts=hosts)])
    console.warm_up()
    _announce(console)
    server = uvicorn.Server(uvicorn.Config(
        app, log_config=None, access_log=False, ws="websockets-sansio", ws_max_size=64 * 2**20,
        ws_ping_interval=30, ws_ping_timeout=30, timeout_graceful_shutdown=3, server_header=False))
    server.run(sockets=[listener])


def _announce(console) -> None:
    t = console.texts
    print(t("console_at", url=url(console.settings)), file=sys.stderr, flush=True)
    if not console.accounts.exist():
        # to the terminal only, never to the log
        print(t("code_is", code=console.accounts.issue_code()), file=sys.stderr, flush=True)


def _check_host(settings: Settings) -> None:
    if _is_loopback(settings.ui_host):
        return
    if "ui_host" not in settings.model_fields_set:
        raise OdfinError(f"控制台只应在本机监听；要监听 {settings.ui_host}，请明确设置 ODFIN_UI_HOST。")
    logger.warning("控制台将监听 %s，网络中的其他机器可以访问登录页，密码会以明文 HTTP 传送；"
                   "请放在带 TLS 的反向代理之后。", settings.ui_host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything is loaded so that a busy port is known at once."""
    host = host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
        listener.setblocking(False)
    except OSError as error:
        raise OdfinError(f"控制台不能监听 {host}:{port}（{error.strerror}）；"
                         "也许已经有一个控制台在运行，或请用 ODFIN_UI_PORT 换一个端口。") from error
    return listener


def main() -> int:
    """The child process of a supervisor."""
    # from the first moment on a supervisor's SIGTERM is an orderly end, not a failure
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        run(load_settings())
    except OdfinError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    # under its own name, so that the pages import this same module
    from ui.run import main as _main

    sys.exit(_main())
