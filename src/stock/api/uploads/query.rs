//! What is said about an uploaded file in the query.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    http::{Answer, MAX_UPLOAD, Problem, none_of},
    settings::shown,
    stock::{
        bar::{Basis, StockCode},
        sources::files::{Given, Layout},
    },
    told,
};

const LONGEST_NAME: usize = 256;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UploadQuery {
    /// The name of the file, to find it again.
    #[param(max_length = 256, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$", example = "7203.csv")]
    name: Option<String>,
    /// The layout of the file. Without it the first line tells.
    #[param(value_type = Option<Layout>, inline)]
    layout: Option<String>,
    /// The company of a file that does not tell; of one that does, only this company is imported.
    #[param(value_type = Option<StockCode>, inline)]
    company: Option<String>,
    /// What prices of the layout `plain` are adjusted for; without it `split`.
    #[param(value_type = Option<Basis>, inline)]
    basis: Option<String>,
    /// Say what would change, change nothing.
    dry_run: Option<bool>,
}

pub(super) struct Upload {
    pub given: Given,
    pub dry_run: bool,
}

impl UploadQuery {
    /// # Errors
    /// 400 naming the parameter.
    pub(super) fn read(self) -> Answer<Upload> {
        let name = self.name.unwrap_or_else(|| "upload".to_owned());
        if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            let message = told!(
                "it is longer than {LONGEST_NAME} characters or has control characters",
                "長すぎるか、制御文字が含まれています。{LONGEST_NAME} 文字以内で書いてください"
            );
            return Err(Problem::bad_request("name", message));
        }
        let layout = one_of("layout", self.layout.as_deref(), &Layout::ALL, Layout::as_str)?;
        let basis = one_of("basis", self.basis.as_deref(), &[Basis::Split, Basis::SplitDividend], Basis::as_str)?;
        let company = self.company.as_deref().map(StockCode::parse).transpose();
        let company = company.map_err(|error| Problem::bad_request("company", error))?;
        let given = Given { name, layout, company, basis, most: MAX_UPLOAD as u64 };
        Ok(Upload { given, dry_run: self.dry_run.unwrap_or(false) })
    }
}

fn one_of<T: Copy>(param: &str, text: Option<&str>, all: &[T], name: impl Fn(T) -> &'static str) -> Answer<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    if let Some(found) = all.iter().copied().find(|one| name(*one) == text) {
        return Ok(Some(found));
    }
    let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
    Err(Problem::bad_request(param, none_of(&shown(text), &names)))
}
