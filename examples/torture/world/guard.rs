//! The process that outlives the checker and leaves nothing behind: it runs the database server.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use tokio::task::spawn_blocking;

/// Everything it was told of ends when this does, also when the checker is killed.
pub struct Guard {
    folder: PathBuf,
    port: u16,
    child: Child,
    talk: Arc<Mutex<Talk>>,
}

struct Talk {
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Guard {
    /// Starts the guard and a new server in `folder`, which goes with them.
    pub async fn start(folder: &Path, binaries: &Path) -> anyhow::Result<Self> {
        let port = super::http::free_port()?;
        let mut command = Command::new("sh");
        command.args(["-c", include_str!("guard.sh"), "guard"]).arg(folder).arg(binaries).arg(port.to_string());
        // A group of its own: an interrupt from the terminal is for the checker, and its end is what the guard awaits.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("start the guard")?;
        let commands = child.stdin.take().context("the guard's input")?;
        let answers = BufReader::new(child.stdout.take().context("the guard's output")?);
        let talk = Arc::new(Mutex::new(Talk { commands, answers }));
        let guard = Self { folder: folder.to_owned(), port, child, talk };
        guard.tell("init").await?;
        guard.tell("start").await?;
        Ok(guard)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's address without any proxy.
    pub fn url(&self) -> String {
        format!("postgres://datainfra@127.0.0.1:{}/postgres", self.port)
    }

    /// Gives a command and waits for its answer.
    pub async fn tell(&self, command: &str) -> anyhow::Result<()> {
        let (talk, command) = (Arc::clone(&self.talk), format!("{command}\n"));
        spawn_blocking(move || {
            let mut talk = talk.lock().unwrap_or_else(PoisonError::into_inner);
            talk.commands.write_all(command.as_bytes())?;
            let mut answer = String::new();
            talk.answers.read_line(&mut answer)?;
            anyhow::ensure!(answer == "ok\n", "the guard said {answer:?}");
            Ok(())
        })
        .await?
    }

    /// Ends everything and waits for it.
    pub async fn end(self) -> anyhow::Result<()> {
        let Self { mut child, talk, .. } = self;
        drop(talk);
        spawn_blocking(move || child.wait()).await??;
        Ok(())
    }
}
