"""What the tests are run between: MESH's sandbox, our service beside it, and the database."""

import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/cpis-fhir"
DATA = pathlib.Path(os.environ["SANDBOX_DATA"])

SHARED_KEY = "a key that every mailbox of the environment shares"
PASSWORD = "password"  # mesh-sandbox gives every mailbox this one.
OURS, NORTHSHIRE, STRANGER = "X26ABC1", "X26ABC2", "X26ABC3"

CHUNK_BYTES = 200_000
WAIT_SECONDS = 30


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(found, what, seconds=WAIT_SECONDS):
    """What `found` finds, once it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


class Process:
    """A program of ours or others', ended by its id and never by its name."""

    def __init__(self, folder, name):
        self.log = folder / f"{name}.log"
        self.process = None

    def run(self, command, **more):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more
            )

    def kill(self):
        """Ends it as a power cut would."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def said(self):
        return self.log.read_text(errors="replace")


class MeshSandbox(Process):
    """NHS England's mesh-sandbox, with its messages on disk, behind mutual TLS."""

    def __init__(self, folder, authority):
        super().__init__(folder, "mesh-sandbox")
        self.folder = folder
        self.authority = authority
        self.certificate = authority.issue("mesh")
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"

    def start(self):
        (self.folder / "messages").mkdir(exist_ok=True)
        certificate, key = self.certificate
        settings = {
            "AUTH_MODE": "full",
            "STORE_MODE": "file",
            "SHARED_KEY": SHARED_KEY,
            "MAILBOXES_DATA_DIR": str(self.folder / "messages"),
        }
        tls = ["--ssl-certfile", certificate, "--ssl-keyfile", key]
        tls += ["--ssl-ca-certs", self.authority.path, "--ssl-cert-reqs", "2"]
        self.run(
            [sys.executable, "-W", "ignore", "-m", "uvicorn", "mesh_sandbox.api:app"]
            + ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
            + ["--log-level", "warning", *tls],
            env={**os.environ, **settings},
        )
        until(self.answers, "mesh-sandbox answers")

    def answers(self):
        context = ssl.create_default_context(cafile=self.authority.path)
        context.load_cert_chain(*self.certificate)
        try:
            with urllib.request.urlopen(f"{self.url}/health", context=context, timeout=2):
                return True
        except OSError:
            return False


class Service(Process):
    """Our service, on the sandbox's database, with a look into its MESH inbox each second."""

    def __init__(self, folder, name, mesh, client):
        super().__init__(folder, name)
        secrets = {"password": PASSWORD, "shared_key": SHARED_KEY}
        for secret, text in secrets.items():
            (folder / secret).write_text(f"{text}\n")
            (folder / secret).chmod(0o600)
        certificate, key = client
        self.settings = {
            "CPIS_LISTEN": f"127.0.0.1:{free_port()}",
            "DATABASE_URL": database_url("cpis_server"),
            "CPIS_TOKEN_ISSUER": "https://sandbox.cpis.invalid",
            "CPIS_TOKEN_AUDIENCE": "https://sandbox.cpis.invalid/FHIR/R4",
            "CPIS_TOKEN_KEYS_FILE": str(DATA / "keys" / "jwks.json"),
            "CPIS_AUDIT_KEY_FILE": str(DATA / "keys" / "audit.key"),
            "CPIS_DEMOGRAPHICS": "sandbox",
            "CPIS_MESH_URL": mesh.url,
            "CPIS_MESH_MAILBOX": OURS,
            "CPIS_MESH_PASSWORD_FILE": str(folder / "password"),
            "CPIS_MESH_SHARED_KEY_FILE": str(folder / "shared_key"),
            "CPIS_MESH_CLIENT_CERTIFICATE_FILE": certificate,
            "CPIS_MESH_CLIENT_KEY_FILE": key,
            "CPIS_MESH_CA_FILE": mesh.authority.path,
            "CPIS_MESH_POLL_SECONDS": "1",
            "CPIS_MESH_CHUNK_BYTES": str(CHUNK_BYTES),
            "CPIS_UPLOAD_BYTES_MAX": str(8 * 1024 * 1024),
        }

    def start(self):
        self.run([str(BINARY), "serve"], env={**os.environ, **self.settings})

    def memory_peak(self):
        """The most memory it ever held, in bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024


def database_url(user):
    socket_folder = str(DATA.resolve() / "postgres" / "socket").replace("/", "%2F")
    return f"postgresql://{user}@{socket_folder}:5432/cpis"


def sql(statement):
    """What the database says to a statement: lines of cells with bars between."""
    command = ["psql", "--no-psqlrc", "-Atq", "-c", statement, database_url("postgres")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()
