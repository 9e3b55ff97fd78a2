//! `POST /imports`: the body is a file of bars. It is read while it arrives; what came of it is a run as any other.

mod query;
mod receive;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use utoipa_axum::routes;

use self::{
    query::{Upload, UploadQuery},
    receive::receive,
};
use crate::{
    audit::Actor,
    db::Database,
    http::{
        Admin, Answer, KeyInHeader, Listed, Prefer, Problem, QueryParams, Routes, RunJson, Waiter, idempotency_key,
        refused,
    },
    jobs::{Idempotency, RunParams, Trigger, Triggered, Triggers},
    stock::{
        imports::JOB,
        store::imports::{self, ImportFile},
    },
    told,
};

/// Uploads of one process at once: an archive is held in memory until it is read.
const AT_ONCE: usize = 2;

/// What the route needs.
pub struct UploadsApi {
    pub database: Database,
    pub triggers: Triggers,
    pub waiter: Waiter,
}

struct Uploads {
    api: UploadsApi,
    places: Arc<Semaphore>,
}

/// The route, state applied. Its bodies are larger than those of others.
pub fn uploads(api: UploadsApi) -> Routes {
    routes().with_state(Arc::new(Uploads { api, places: Arc::new(Semaphore::new(AT_ONCE)) }))
}

/// What is told of the route.
#[must_use]
pub fn uploads_listed() -> Listed {
    routes().listed()
}

fn routes() -> Routes<Arc<Uploads>> {
    Routes::new().tag("imports", "Files of bars.").api(routes!(upload))
}

/// Imports a file of bars
///
/// The body is the file: text of one of the known layouts, or a zip archive of such. It is read while it arrives; what came
/// of it is a run as any other.
#[utoipa::path(
    post,
    path = "/imports",
    operation_id = "importFile",
    tag = "imports",
    params(UploadQuery, Prefer, KeyInHeader),
    request_body(content((String = "text/csv", example = json!("stock_code,date,open,high,low,close,volume\n7203,2026-01-05,2900,2950,2880,2940,1000000\n")), (String = "text/plain"), ("application/zip"), ("application/octet-stream")), description = "The file's own bytes, at most 64 MiB"),
    security(("bearer" = ["admin"])),
    responses(
        (status = 200, description = "The finished run, when it ended within `Prefer: wait`", body = RunJson,
            headers(("Location", description = "Where the run is found."), ("Preference-Applied", description = "The wait."))),
        (status = 202, description = "The run, which goes on", body = RunJson,
            headers(("Location", description = "Where the run is found."))),
        (status = 409),
        (status = 422, description = "The file has rows that cannot be.")
    )
)]
async fn upload(
    Admin(actor): Admin,
    State(state): State<Arc<Uploads>>,
    QueryParams(query): QueryParams<UploadQuery>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let upload = query.read()?;
    let key = idempotency_key(&headers)?;
    is_file(&headers)?;
    let busy = |_| {
        Problem::unavailable(told!(
            "other files are being read at the moment",
            "ほかのファイルを読み込んでいます。しばらくしてからもう一度お試しください"
        ))
    };
    let place = Arc::clone(&state.places).try_acquire_owned().map_err(busy)?;
    let (database, given, name) = (state.api.database.clone(), upload.given.clone(), actor.name.clone());
    // To its end also when the client leaves: what was read of a file must not stay.
    let reading = TaskTracker::new().spawn(async move {
        let _place = place;
        receive(&database, body, given, &name).await
    });
    let file = reading.await.map_err(Problem::internal)??;
    match state.run(&file, &upload, key, &actor).await {
        Ok(Triggered::New(run)) => Ok(state.api.waiter.accepted(run, &headers).await),
        Ok(Triggered::Repeated(run)) => {
            imports::remove(state.api.database.connection(), &file.id).await?;
            Ok(state.api.waiter.accepted(run, &headers).await)
        }
        Err(problem) => {
            imports::remove(state.api.database.connection(), &file.id).await?;
            Err(problem)
        }
    }
}

impl Uploads {
    async fn run(&self, file: &ImportFile, upload: &Upload, key: Option<&str>, actor: &Actor) -> Answer<Triggered> {
        let params = RunParams { input: Some(file.id.clone()), dry_run: upload.dry_run, ..RunParams::default() };
        let request_hash = hash(file, upload);
        let idempotency = key.map(|key| Idempotency { key, request_hash: &request_hash });
        let made = self.api.triggers.run(JOB, Trigger::Manual, &params, &file.name, idempotency, Some(actor)).await;
        made.map_err(refused)
    }
}

/// The same bytes with the same meaning are the same request.
fn hash(file: &ImportFile, upload: &Upload) -> String {
    let asked = serde_json::json!([
        "POST /imports",
        file.sha256,
        file.name,
        file.layout,
        file.basis.as_str(),
        upload.given.company.as_ref().map(|company| company.as_str()),
        upload.dry_run,
    ]);
    Sha256::digest(asked.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 415 for bodies that are no file: a browser's form, a JSON document, packed ones.
fn is_file(headers: &HeaderMap) -> Answer<()> {
    let text = |name| headers.get(name).map_or("", |value| value.to_str().unwrap_or("?")).to_ascii_lowercase();
    let kind = text(header::CONTENT_TYPE);
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let encoding = text(header::CONTENT_ENCODING);
    let refused =
        kind.starts_with("multipart/") || kind == "application/x-www-form-urlencoded" || kind.ends_with("json");
    if refused || !matches!(encoding.as_str(), "" | "identity") {
        let message = told!(
            "send the file's own bytes as the body, with \"Content-Type: text/csv\" or application/zip",
            "ファイルの中身をそのまま本文として、\"Content-Type: text/csv\" か application/zip で送ってください"
        );
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    Ok(())
}
