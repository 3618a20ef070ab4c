"""Real programs in folders of their own: commands that are measured, servers that are watched."""
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading


class Failure(Exception):
    """A command that refused, or a server that did not start."""


def programs(root: pathlib.Path, names: tuple[str, ...]) -> pathlib.Path:
    """The folder of the programs: $LALANH_BIN, else the preset release, built now."""
    if "LALANH_BIN" in os.environ:
        folder = pathlib.Path(os.environ["LALANH_BIN"]).resolve()
        if not all((folder / name).is_file() for name in names):
            sys.exit(f"LALANH_BIN, {folder}, has not all of {', '.join(names)}")
        return folder
    for command in ([str(root / "tools/packages")], ["cmake", "--preset", "release"],
                    ["cmake", "--build", "build/release", "--target", *names]):
        subprocess.run(command, cwd=root, check=True, stdout=sys.stderr)
    return root / "build/release/bin"


@dataclasses.dataclass
class Node:
    """One computer: its folder, the unit that it is for, and the server above it."""
    name: str
    tier: str
    unit: str
    folder: pathlib.Path
    parent: "Node | None" = None
    address: str = ""  # of its server, while that runs

    @property
    def database_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("lalanh.db*"))


@dataclasses.dataclass
class Sample:
    """What one command took: seconds by the clock and of the processor, peak KiB."""
    tier: str
    step: str
    node: str
    wall: float
    cpu: float
    peak_kib: int


@dataclasses.dataclass
class ServerUse:
    tier: str
    node: str
    cpu: float
    peak_kib: int


class World:
    """All computers of one run. Its methods may be called from several threads, a node from one."""

    def __init__(self, programs: pathlib.Path, folder: pathlib.Path):
        self.programs = programs
        self.folder = folder
        self.samples: list[Sample] = []
        self.servers_used: list[ServerUse] = []
        self.nodes: list[Node] = []
        self._servers: dict[str, subprocess.Popen] = {}
        self._launchers: list[subprocess.Popen] = []
        self._running: set[int] = set()
        self._ending = False
        self._lock = threading.Lock()
        self._mine = threading.local()

    def node(self, tier: str, unit: str, parent: Node | None = None) -> Node:
        name = f"{tier}-{unit}"
        node = Node(name, tier, unit, self.folder / name, parent)
        with self._lock:
            self.nodes.append(node)
        return node

    def run(self, node: Node, step: str, program: str, *arguments: str) -> str:
        """Runs a command on a node's folder, keeps its sample, and gives what it printed."""
        command = [str(self.programs / program), "--folder", str(node.folder), *arguments]
        return self.measured(node.tier, step, node.name, command)

    def measured(self, tier: str, step: str, name: str, command: list[str]) -> str:
        launcher = self._launcher()
        out, err = self._outputs(launcher)
        launcher.stdin.write("\x1f".join([str(out), str(err), *command]) + "\n")
        launcher.stdin.flush()
        process = int(launcher.stdout.readline() or 0)
        with self._lock:
            if process:
                self._running.add(process)
        answer = launcher.stdout.readline().split()
        with self._lock:
            self._running.discard(process)
        if not answer or self._ending:
            raise Failure(f"{name} {step}: stopped")
        if int(answer[0]) != 0:
            said = out.read_text()[-2000:] + err.read_text()[-2000:]
            raise Failure(f"{' '.join(command)}\n  exit {answer[0]}: {said}")
        sample = Sample(tier, step, name, float(answer[1]), float(answer[2]), int(answer[3]))
        with self._lock:
            self.samples.append(sample)
        return out.read_text()

    def _outputs(self, launcher: subprocess.Popen) -> list[pathlib.Path]:
        return [self.folder / f"command-{launcher.pid}.{end}" for end in ("out", "err")]

    def _launcher(self) -> subprocess.Popen:
        """A thread has its own; python3 -IS is the smallest interpreter there is."""
        if not hasattr(self._mine, "launcher"):
            script = pathlib.Path(__file__).with_name("launch.py")
            with self._lock:
                if self._ending:
                    raise Failure("stopped")
                launcher = subprocess.Popen(
                    [sys.executable, "-ISB", str(script)], text=True, start_new_session=True,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                self._launchers.append(launcher)
            self._mine.launcher = launcher
        return self._mine.launcher

    def enrol(self, node: Node, program: str, actor: str) -> None:
        """Makes a computer with a ticket of its parent, whose server runs."""
        ticket = self._ticket(node)
        # Villages in the clear: their own databases are added up by plain SQL afterwards.
        how = ["--no-users"] if program == "lalanh" else []
        self.run(node, "init", program, "init", str(ticket), "--actor", actor, *how)
        ticket.unlink()

    def _ticket(self, node: Node) -> pathlib.Path:
        """Halls make those of all their villages at once, servers' are made one by one."""
        folder = self.folder / f"tickets-{node.parent.name}"
        folder.mkdir(exist_ok=True)
        if node.tier != "village" or not list(folder.glob(f"{node.unit}-*")):
            wanted = ["--below", node.parent.unit] if node.tier == "village" else [
                "--unit", node.unit, "--role", "server"]
            self.measured(node.tier, "ticket", node.name, [
                str(self.programs / "lalanhd"), "--folder", str(node.parent.folder), "ticket", *wanted,
                "--address", node.parent.address, "--out", str(folder)])
        return next(folder.glob(f"{node.unit}-*"))

    def sync(self, node: Node, step: str) -> dict:
        if node.tier == "village":
            return json.loads(self.run(node, step, "lalanh", "sync", "--json"))
        return json.loads(self.run(node, step, "lalanhd", "sync-up", "--json"))

    def start(self, node: Node) -> None:
        """Starts a node's server on a free port of loopback and waits until it listens."""
        with open(node.folder / "serve.err", "wb") as errors, self._lock:
            if self._ending:
                raise Failure("stopped")
            process = subprocess.Popen(
                [str(self.programs / "lalanhd"), "--folder", str(node.folder), "--json", "serve",
                 "--listen", "127.0.0.1:0", "--no-sync-up", "--log", str(node.folder / "serve.log")],
                stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
            self._servers[node.name] = process
        line = process.stdout.readline()
        if not line:
            raise Failure(f"{node.name} did not start: {(node.folder / 'serve.err').read_text()}")
        node.address = json.loads(line)["listening"]

    def stop(self, node: Node) -> None:
        """Notes what the server used, and ends it."""
        with self._lock:
            process = self._servers.pop(node.name)
            self.servers_used.append(
                ServerUse(node.tier, node.name, _cpu_seconds(process.pid), _peak_kib(process.pid)))
        _end(process)

    def each(self, jobs: int, items: list, work) -> None:
        """Does work(item) for every item, so many at once; the first failure ends all."""
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            waiting = [pool.submit(work, item) for item in items]
            try:
                for done in concurrent.futures.as_completed(waiting):
                    done.result()
            except BaseException:
                self.end()
                for each in waiting:
                    each.cancel()
                raise

    def end(self) -> None:
        """Ends all that this run started, each process by its number."""
        with self._lock:
            self._ending = True
            for process in self._running:
                try:
                    os.kill(process, signal.SIGTERM)
                except ProcessLookupError:
                    pass
            launchers, self._launchers = self._launchers, []
            servers, self._servers = self._servers, {}
        for process in servers.values():
            process.terminate()
        for process in servers.values():
            _end(process)
        for launcher in launchers:
            launcher.stdin.close()
            launcher.wait()
            for path in self._outputs(launcher):
                path.unlink(missing_ok=True)


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(90)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def _peak_kib(process: int) -> int:
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def _cpu_seconds(process: int) -> float:
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
