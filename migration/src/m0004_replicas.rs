//! What replicas tell one another: the offset of a schedule, runs on offer, tasks at once.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Type as T, add_column, drop_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let offset = "milliseconds by which the job's jitter moves its ticks";
        add_column(manager, "job_state", &C("offset_ms", T::BigInt, "NOT NULL DEFAULT 0", offset)).await?;
        let offered = "true while the owner ends and any other process may have the run";
        add_column(manager, "run", &C("offered", T::Bool, "NOT NULL DEFAULT false", offered)).await?;
        let parallel = "tasks at once; null: as the job is configured";
        add_column(manager, "run", &C("parallel", T::Int, "", parallel)).await?;
        let queue = "CREATE INDEX run_queue ON run (id) WHERE state = 'queued'";
        manager.get_connection().execute_unprepared(queue).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX IF EXISTS run_queue").await?;
        for (table, column) in [("run", "parallel"), ("run", "offered"), ("job_state", "offset_ms")] {
            drop_column(manager, table, column).await?;
        }
        Ok(())
    }
}
