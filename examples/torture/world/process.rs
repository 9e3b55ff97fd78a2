//! One daemon process.

use std::{
    fs::File,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context as _;

use super::http::TOKEN;

/// The name of a process: which of the daemons it is, and its how-manieth process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Names {
    pub slot: usize,
    pub number: u32,
}

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "d{}.{}", self.slot, self.number)
    }
}

/// How long a stop waits for runs.
pub const GRACE: Duration = Duration::from_secs(8);

pub struct Process {
    pub name: String,
    pub port: u16,
    pub pid: u32,
    /// Whether the checker has ended it or told it to end.
    pub expected_to_end: bool,
    child: Child,
}

impl Process {
    /// Starts a daemon whose database is behind `proxy`.
    pub fn start(folder: &Path, name: &Names, proxy: u16, upstream: &str, stock: &str) -> anyhow::Result<Self> {
        let (name, port) = (name.to_string(), super::http::free_port()?);
        let config = folder.join(format!("{name}.toml"));
        std::fs::write(&config, configuration(port, proxy, stock))?;
        let log = File::create(folder.join(format!("{name}.log")))?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("daemon").arg("--config").arg(&config).args(["--name", &name, "--upstream", upstream]);
        // Nothing of this machine's configuration, and no share in the terminal's interrupts.
        command.env_clear().current_dir(folder).process_group(0);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().context("start a daemon")?;
        Ok(Self { name, port, pid: child.id(), expected_to_end: false, child })
    }

    /// `KILL`, `STOP`, `CONT`, `TERM`, `HUP`.
    pub fn signal(&self, signal: &str) {
        let told = Command::new("kill").args(["-s", signal, &self.pid.to_string()]).status();
        if !told.is_ok_and(|status| status.success()) {
            eprintln!("{} did not get {signal}", self.name);
        }
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

/// `stock` holds the sections of the domain.
pub fn configuration(port: u16, proxy: u16, stock: &str) -> String {
    let grace = GRACE.as_secs();
    format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\ntoken = \"{TOKEN}\"\nshutdown_grace = \"{grace}s\"\nwrites_per_minute = 0\n\
         [database]\nurl = \"postgres://datainfra@127.0.0.1:{proxy}/postgres\"\nmax_connections = 16\n\
         [log]\nlevel = \"info\"\nformat = \"text\"\n\
         {stock}"
    )
}
