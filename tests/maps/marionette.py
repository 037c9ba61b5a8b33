"""Firefox driven by its own protocol, Marionette: JSON over a socket, each after its length.

Debian has no geckodriver, which would only stand between selenium and the same socket.
"""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# nothing of the browser's own, and every host behind a proxy that nobody is at
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.tabs.warnOnClose": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "devtools.console.stdout.content": False,
    "extensions.getAddons.cache.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "media.gmp-provider.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.prefetch-next": False,
    "network.proxy.allow_hijacking_localhost": True,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.no_proxies_on": "",
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.type": 1,
    "services.settings.server": "data:,nothing",
    "toolkit.telemetry.enabled": False,
}


class Trap:
    """A proxy that keeps what is asked of it, and lets nothing through."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        while True:
            caller, _ = self.server.accept()
            with caller:
                line = caller.recv(4096).split(b"\r\n")[0].decode(errors="replace")
            if not line:
                return
            self.asked.append(line)

    def close(self) -> None:
        """Stop listening."""
        # a caller without a word
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.thread.join(timeout=10)
        self.server.close()


class Firefox:
    """A headless Firefox whose every request would go to a socket of ours."""

    def __init__(self, program: str, folder: Path) -> None:
        self.trap = Trap()
        port, proxy = _free_port(), self.trap.port
        preferences = PREFERENCES | {
            "marionette.port": port,
            "network.proxy.http_port": proxy,
            "network.proxy.ssl_port": proxy,
            "browser.download.folderList": 2,
            "browser.download.dir": str(folder),
        }
        profile = folder / "profile"
        profile.mkdir()
        lines = [
            f"user_pref({json.dumps(key)}, {json.dumps(of)});" for key, of in preferences.items()
        ]
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        self.process = subprocess.Popen(
            [
                program, "--headless", "--no-remote", "--marionette",
                "--remote-allow-system-access", "--profile", str(profile),
                "--width", "1280", "--height", "800",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1"},
        )  # fmt: skip
        self.socket = self._connect(port)
        self.file = self.socket.makefile("rb")
        self._receive()
        self.number = 0
        self.send("WebDriver:NewSession", {})
        self.send("WebDriver:SetWindowRect", {"width": 1280, "height": 885})

    def _connect(self, port: int) -> socket.socket:
        for _ in range(600):
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=60)
            except ConnectionRefusedError:
                time.sleep(0.1)
        raise AssertionError("Firefox did not open its socket within a minute")

    def _receive(self) -> Any:
        length = b""
        while (digit := self.file.read(1)) != b":":
            length += digit
        return json.loads(self.file.read(int(length)))

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
        """Send a command of WebDriver and return what it gives."""
        self.number += 1
        message = json.dumps([0, self.number, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        if error is not None:
            raise AssertionError(f"{command}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script gives; elements are handed over and come back as they are."""
        return self.send("WebDriver:ExecuteScript", {"script": script, "args": list(arguments)})

    def open(self, address: str) -> None:
        """Open an address."""
        self.send("WebDriver:Navigate", {"url": "about:blank"})
        self.console(clear=True)
        self.send("WebDriver:Navigate", {"url": address})

    def find(self, selector: str) -> list[Any]:
        """Return the elements that a selector finds."""
        found: list[Any] = self.send(
            "WebDriver:FindElements", {"using": "css selector", "value": selector}
        )
        return found

    def click(self, selector: str) -> None:
        """Click the only element that a selector finds."""
        (element,) = self.find(selector)
        self.send("WebDriver:ElementClick", {"id": element[ELEMENT]})

    def type(self, selector: str, text: str) -> None:
        """Type into the only element that a selector finds."""
        (element,) = self.find(selector)
        self.send("WebDriver:ElementSendKeys", {"id": element[ELEMENT], "text": text})

    def click_at(self, x: int, y: int) -> None:
        """Move the mouse to a place of the page and click."""
        actions = [
            {"type": "pointerMove", "x": x, "y": y, "duration": 0},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        self.send("WebDriver:PerformActions", {"actions": [mouse]})
        self.send("WebDriver:ReleaseActions", {})

    def screenshot(self) -> str:
        """Return what is seen, as base64."""
        picture: str = self.send("WebDriver:TakeScreenshot", {"full": False})
        return picture

    def print(self) -> str:
        """Return the page on paper, as base64 of a PDF."""
        paper: str = self.send("WebDriver:Print", {"background": True})
        return paper

    def console(self, *, clear: bool = False) -> list[str]:
        """Return what the console says of the page."""
        self.send("Marionette:SetContext", {"value": "chrome"})
        said: list[str] = self.run(
            "const said = Services.console.getMessageArray().map(String);"
            "if (arguments[0]) Services.console.reset(); return said;",
            clear,
        )
        self.send("Marionette:SetContext", {"value": "content"})
        return said

    def close(self) -> None:
        """End the browser."""
        try:
            self.send("Marionette:Quit", {"flags": ["eForceQuit"]})
        finally:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.file.close()
            self.socket.close()
            self.trap.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
