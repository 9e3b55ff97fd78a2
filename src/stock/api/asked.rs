//! A company's series as somebody asks for it: which company, which days, and the answer about them.

use std::sync::Arc;

use axum::response::Response;

use super::{
    StockApi, code,
    days::{days, today},
    head::{Head, Whose},
    wire,
};
use crate::{
    db::View,
    http::{
        Answer,
        table::{self, Format, Names, Table, Tag, reply},
    },
    stock::{
        bar::{Days, StockCode},
        company::Company,
        store::{
            series::{self, Series},
            serving::{self, stream},
        },
    },
};

/// A company, the state of its series, and the days asked of it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub company: Company,
    pub series: Series,
    pub days: Days,
}

impl Asked {
    /// `dates` are `startDate` and `endDate`.
    ///
    /// # Errors
    /// 400 naming the day that cannot be.
    pub(super) async fn of(api: &StockApi, company: Company, dates: [Option<&str>; 2]) -> Answer<Self> {
        let days = days(dates[0], dates[1], today(&company, api.clock.now()))?;
        // Read before the rows: a change in between gives newer rows an old tag, never old rows a new one.
        let series = series::find(api.database.connection(), &company.company_id).await?;
        Ok(Self { company, series, days })
    }

    /// # Errors
    /// 404 for an unknown code, 400 as [`of`](Self::of).
    pub(super) async fn by_code(api: &StockApi, code: &StockCode, dates: [Option<&str>; 2]) -> Answer<Self> {
        Self::of(api, code::company(api.database.connection(), code).await?, dates).await
    }

    /// What to read the days from.
    ///
    /// # Errors
    /// What the database says, or that too many long answers are under way.
    pub(super) async fn view(&self, api: &StockApi) -> Answer<Arc<View>> {
        Ok(stream::view(&api.database, stream::fits(&self.series, self.days)).await?)
    }

    /// # Errors
    /// What the database says.
    pub(super) async fn whose(&self, api: &StockApi) -> Answer<Whose> {
        let connection = api.database.connection();
        let sources = serving::sources(connection, &self.company.company_id, self.days).await?;
        Ok(Whose::new(&self.company, &self.series, &sources, &api.samples))
    }

    /// The rows, under what there is to say of them; `file` is the file's name before the stock code.
    ///
    /// # Errors
    /// What the database says about the first of them.
    pub(super) async fn answer(
        &self,
        api: &StockApi,
        format: Format,
        tag: &Tag,
        file: &str,
        table: Table,
    ) -> Answer<Response> {
        let head = Head { timestamp: wire::instant(api.clock.now()), whose: self.whose(api).await? };
        let names = Names { member: "data", file: &format!("{file}-{}", self.company.stock_code) };
        let response = table::send(format, tag, &names, &head, table).await?;
        Ok(reply::with_provenance(response, head.whose.source.as_deref(), head.whose.licence_note.as_deref()))
    }
}
