//! A TCP proxy between one daemon and the database.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
    task::JoinSet,
    time::sleep,
};

/// How the proxy passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Open,
    /// Each piece so much later.
    Slow(Duration),
    /// Nothing passes and nobody is told; when it opens again, what was held goes on.
    Hang,
    /// Connections are cut and refused.
    Cut,
}

/// Serves until it is dropped.
pub struct Proxy {
    pub port: u16,
    link: Arc<watch::Sender<Link>>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    pub async fn before(target: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let link = Arc::new(watch::Sender::new(Link::Open));
        let state = Arc::clone(&link);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass(client, SocketAddr::from(([127, 0, 0, 1], target)), state.subscribe()));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { port, link, _tasks: tasks })
    }

    pub fn set(&self, link: Link) {
        self.link.send_replace(link);
    }
}

async fn pass(client: TcpStream, target: SocketAddr, link: watch::Receiver<Link>) {
    let mut state = link.clone();
    if state.wait_for(|link| *link != Link::Hang).await.is_ok_and(|link| *link == Link::Cut) {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = forward(from_client, to_server, link.clone()) => {}
        () = forward(from_server, to_client, link) => {}
        _ = state.wait_for(|link| *link == Link::Cut) => {}
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut link: watch::Receiver<Link>) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        let now = *link.borrow_and_update();
        if let Link::Slow(delay) = now {
            sleep(delay).await;
        }
        if link.wait_for(|link| *link != Link::Hang).await.is_err() || to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
