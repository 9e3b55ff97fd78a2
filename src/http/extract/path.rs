//! What a path names, as text.

use axum::{
    extract::{FromRequestParts as _, Path},
    http::request::Parts,
};

use crate::{
    http::problem::{Answer, Problem},
    told,
};

/// The one name in a path, decoded.
///
/// # Errors
/// 400 naming it when it is no text.
pub async fn path_text<S: Send + Sync>(parts: &mut Parts, state: &S, param: &str) -> Answer<String> {
    let Ok(Path(text)) = Path::<String>::from_request_parts(parts, state).await else {
        return Err(Problem::bad_request(
            param,
            told!("it is no text in UTF-8", "UTF-8 の文字列ではありません。アドレスの % のあとを確認してください"),
        ));
    };
    Ok(text)
}
