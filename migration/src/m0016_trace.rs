//! Where runs and alerts stand among traces.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Type as T, add_column, drop_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 2] = ["run", "alert"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let awaited = "whether what asked for the run waits for its end, so that the run is a part of its trace; \
                       otherwise the run has a trace of its own with a link to it; null: nothing traced asked";
        add_column(manager, "run", &C("trace_awaited", T::Bool, "", awaited)).await?;
        let asked = "W3C trace context of what asked for the run; null: nothing traced did";
        add_column(manager, "run", &C("traceparent", T::Varchar(55), "", asked)).await?;
        let told = "W3C trace context of what is told; null: it was not traced";
        add_column(manager, "alert", &C("traceparent", T::Varchar(55), "", told)).await?;
        for table in TABLES {
            let state = "what vendors carry along with traceparent";
            add_column(manager, table, &C("tracestate", T::Varchar(512), "", state)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            drop_column(manager, table, "tracestate").await?;
            drop_column(manager, table, "traceparent").await?;
        }
        drop_column(manager, "run", "trace_awaited").await
    }
}
