//! What stands before the rows of a company's series: whose it is, and where it comes from.

use serde::Serialize;

use super::samples::Samples;
use crate::stock::{
    bar::Basis,
    company::Company,
    sources::{SourceName, files::Layout},
    store::series::Series,
};

/// The members of the Go service, then those added.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SeriesHead)]
pub(super) struct Head {
    /// When this was answered.
    #[schema(format = DateTime, example = "2026-11-20T09:00:00.000Z")]
    pub timestamp: String,
    #[serde(flatten)]
    pub whose: Whose,
}

/// Whose series it is, and where it comes from.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Whose {
    #[schema(example = "0001")]
    pub company_id: String,
    #[schema(example = "トヨタ自動車")]
    pub company_name: String,
    #[schema(example = "7203")]
    pub stock_code: String,
    /// The source of the newest bars.
    #[schema(example = "jquants")]
    pub source: Option<String>,
    /// What prices and volume are adjusted for: `split` or `split_dividend`.
    #[schema(example = "split")]
    basis: Option<&'static str>,
    /// What readers must know of the licences of all sources of the rows.
    pub licence_note: Option<String>,
    /// The prices are invented.
    simulated: bool,
}

impl Whose {
    /// `sources`: those of the rows that follow.
    pub(super) fn new(company: &Company, series: &Series, sources: &[String], samples: &Samples) -> Self {
        Self {
            company_id: company.company_id.to_string(),
            company_name: company.company_name.clone(),
            stock_code: company.stock_code.to_string(),
            source: series.source.clone(),
            basis: series.basis.map(Basis::as_str),
            licence_note: licence_note(company, sources, samples),
            simulated: samples.simulated(&company.company_id),
        }
    }
}

/// The notes of the sources, or the sample's own; none without rows.
pub(super) fn licence_note(company: &Company, sources: &[String], samples: &Samples) -> Option<String> {
    if let Some(sample) = samples.get(&company.company_id) {
        return Some(sample.licence_note.clone());
    }
    let notes: Vec<String> = sources.iter().map(|source| source_note(source)).collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// The notes of all sources there can be, each once.
pub(super) fn all_notes() -> Vec<String> {
    let sources = SourceName::ALL.into_iter().map(SourceName::licence_note);
    let mut notes: Vec<String> =
        sources.chain(Layout::ALL.into_iter().map(Layout::licence_note)).map(str::to_owned).collect();
    notes.dedup();
    notes
}

pub(super) fn source_note(source: &str) -> String {
    let note = SourceName::parse(source).map(SourceName::licence_note);
    let note = note.or_else(|| Layout::of_source(source).map(Layout::licence_note));
    note.map_or_else(|| format!("{source}: its licence is not known here"), str::to_owned)
}
