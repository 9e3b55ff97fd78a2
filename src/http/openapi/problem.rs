//! The shape of a problem, as `http::problem` writes it.

use utoipa::ToSchema;

/// What a request that fails is told (RFC 9457). `status` and `message` are what clients of the API before read. Some
/// problems have further members: `link` to what stands in the way, `checks` that fail.
#[derive(ToSchema)]
#[schema(example = json!({
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "startDate: \"2020-02-30\" is no day; write YYYY-MM-DD",
    "message": "startDate: \"2020-02-30\" is no day; write YYYY-MM-DD",
    "instance": "0198c0de-0000-7000-8000-000000000000",
    "errors": [{"param": "startDate", "message": "\"2020-02-30\" is no day; write YYYY-MM-DD"}]
}))]
#[expect(dead_code, reason = "only its shape matters")]
pub struct Problem {
    /// Always `about:blank`: the status says what kind it is.
    r#type: String,
    /// The name of the status.
    title: String,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong, and what would be right, in the language asked for.
    detail: String,
    /// The same as `detail`.
    message: String,
    /// The id of the request, as in the header `X-Request-Id` and in the log.
    instance: Option<String>,
    /// Each parameter or member that cannot be.
    errors: Option<Vec<ParamError>>,
}

/// One parameter and what is wrong with it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape matters")]
pub struct ParamError {
    /// Its name, as it was sent.
    param: String,
    message: String,
}
