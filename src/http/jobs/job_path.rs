//! The `{job}` of a path, as it is described.

use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use crate::http::openapi::{in_path, schema::Name64};

/// What names no job is 404, whatever it is.
pub enum JobInPath {}

impl IntoParams for JobInPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        in_path::<Name64>("job", "The name of a job; `GET /jobs` lists them.")
    }
}
