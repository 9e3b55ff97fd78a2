//! From nothing to a database in order.

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::{
    app::{
        assembly::{Assembly, assemble},
        connect::connect_patiently,
        master::seed,
    },
    config::ConfigSource,
    db::persist,
    jobs::store,
};

impl Parts {
    /// Reaches the database, puts everything together and brings the tables into order; none when cancelled before.
    pub(super) async fn start(
        &self,
        source: Option<&ConfigSource>,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<Option<Assembly>> {
        let connected = connect_patiently(&self.config, source, &self.health, &self.metrics, shutdown);
        let Some(database) = connected.await else { return Ok(None) };
        let assembly = assemble(&self.config, &self.more, database, &self.metrics, &self.clock, "daemon")?;
        Ok(self.prepare(&assembly, shutdown).await?.map(|()| assembly))
    }

    /// What the database must know before anything runs; none when cancelled before.
    async fn prepare(&self, assembly: &Assembly, shutdown: &CancellationToken) -> anyhow::Result<Option<()>> {
        let database = &assembly.parts.database;
        let Some(added) = persist(|| seed(database, &self.master), shutdown).await else { return Ok(None) };
        let added = added.context("fill the company table")?;
        if added > 0 {
            tracing::info!(companies = added, "the company table was empty and got the bundled master");
        }
        if !database.is_postgres() {
            // The lock on the file says that no other daemon lives.
            let taken = persist(|| store::take_over_daemons(database.connection()), shutdown).await;
            taken.transpose().context("take over the runs of the daemon before")?;
        }
        let Some(states) = persist(|| store::list_jobs(database.connection()), shutdown).await else { return Ok(None) };
        for state in states.context("read the jobs")? {
            if let Some(at) = state.last_success_at.filter(|_| assembly.registry.find(&state.job).is_some()) {
                self.metrics.job_succeeded(&state.job, at);
            }
        }
        Ok(Some(()))
    }
}
