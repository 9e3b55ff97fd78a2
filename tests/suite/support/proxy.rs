//! A TCP proxy before a database, so that a test can take the database away.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// Passes connections on while it is open; closing it cuts those there are and refuses new ones. Those that are silenced
/// stay, and nothing passes over them any more.
pub struct Proxy {
    address: SocketAddr,
    open: Arc<watch::Sender<bool>>,
    silenced: Arc<watch::Sender<()>>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    pub async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let open = Arc::new(watch::Sender::new(true));
        let gate = Arc::clone(&open);
        let silenced = Arc::new(watch::Sender::new(()));
        let silence = Arc::clone(&silenced);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass(client, target, gate.subscribe(), silence.subscribe()));
            }
        });
        Self { address, open, silenced, _tasks: tasks }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn cut(&self) {
        self.open.send_replace(false);
    }

    /// As if a firewall had forgotten the connections there are; new ones pass.
    pub fn silence(&self) {
        self.silenced.send_replace(());
    }

    pub fn restore(&self) {
        self.open.send_replace(true);
    }
}

async fn pass(
    mut client: TcpStream,
    target: SocketAddr,
    mut open: watch::Receiver<bool>,
    mut silenced: watch::Receiver<()>,
) {
    if !*open.borrow_and_update() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    let silent = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => false,
        _ = open.wait_for(|open| !open) => false,
        _ = silenced.changed() => true,
    };
    if silent {
        std::future::pending::<()>().await;
    }
}
