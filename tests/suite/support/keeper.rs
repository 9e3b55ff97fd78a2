//! Starts `keeper.sh`, the process that outlives the tests: it stops their server, removes their folder and says
//! at the very end which tests did not run. One a process; with cargo-nextest one for all its processes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use super::environment::{self, Session};
use super::server;

/// What the keeper keeps for this process.
struct Keeper {
    folder: PathBuf,
    /// The port of the private server, or why there is none.
    port: Result<u16, String>,
    /// Its end is the sign that this process ended.
    _lifeline: Option<ChildStdin>,
}

/// The port of the private PostgreSQL server, started on first use.
///
/// # Errors
/// Why there is none.
pub fn postgres_port() -> Result<u16, String> {
    keeper().port.clone()
}

/// Leaves a line for the keeper's summary, which counts equal ones.
pub fn record(line: &str) {
    let line = line.replace('\n', " ") + "\n";
    eprint!("not run: {line}");
    let file = OpenOptions::new().append(true).create(true).open(keeper().folder.join("not_run"));
    // One write: the lines of several processes don't mix.
    file.and_then(|mut file| file.write_all(line.as_bytes())).unwrap();
}

fn keeper() -> &'static Keeper {
    static KEEPER: OnceLock<Keeper> = OnceLock::new();
    KEEPER.get_or_init(|| {
        let session = environment::session();
        fs::create_dir_all(&session.folder).unwrap();
        match session.runner {
            None => start(&session).unwrap(),
            Some(_) => join_or_start(&session).unwrap(),
        }
    })
}

/// The first process of the session to come starts the keeper; the others wait at the lock and read what it found.
fn join_or_start(session: &Session) -> io::Result<Keeper> {
    let mut found =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(session.folder.join("server"))?;
    found.lock()?;
    let mut text = String::new();
    found.read_to_string(&mut text)?;
    if !text.is_empty() {
        return Ok(Keeper { folder: session.folder.clone(), port: parse(&text), _lifeline: None });
    }
    let keeper = start(session)?;
    write_answer(&mut found, &keeper.port)?;
    Ok(keeper)
}

fn start(session: &Session) -> io::Result<Keeper> {
    let binaries = if environment::variable("TEST_DATABASE_URL").is_some() {
        Err("TEST_DATABASE_URL names another server".to_owned())
    } else {
        server::binaries()
    };
    let mut command = command(session, binaries.as_deref().ok());
    let mut child = command.spawn()?;
    let mut answer = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut answer)?;
    let port = binaries.and_then(|_| parse(&answer));
    Ok(Keeper { folder: session.folder.clone(), port, _lifeline: child.stdin.take() })
}

fn command(session: &Session, binaries: Option<&Path>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", include_str!("keeper.sh"), "keeper"]).stdout(Stdio::piped());
    // A group of its own: an interrupt from the terminal is for the tests, and their end is what it waits for.
    command.process_group(0);
    match session.runner {
        None => command.arg("stdin").stdin(Stdio::piped()),
        Some(runner) => command.arg(runner.to_string()).stdin(Stdio::null()).stderr(Stdio::null()),
    };
    command.arg(&session.folder);
    if let Some(binaries) = binaries {
        command.arg(binaries).args(free_ports().iter().map(u16::to_string));
    }
    command
}

/// Several, since another process may take one before the server does.
fn free_ports() -> Vec<u16> {
    let listeners: Vec<_> = (0..5).filter_map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()).collect();
    listeners.iter().filter_map(|listener| Some(listener.local_addr().ok()?.port())).collect()
}

fn write_answer(file: &mut File, port: &Result<u16, String>) -> io::Result<()> {
    match port {
        Ok(port) => writeln!(file, "ready {port}"),
        Err(reason) => writeln!(file, "failed {reason}"),
    }
}

fn parse(answer: &str) -> Result<u16, String> {
    match answer.trim_end().split_once(' ') {
        Some(("ready", port)) => port.parse().map_err(|_| format!("the keeper said {answer:?}")),
        Some(("failed", reason)) => Err(reason.to_owned()),
        _ => Err(format!("the keeper said {answer:?}")),
    }
}
