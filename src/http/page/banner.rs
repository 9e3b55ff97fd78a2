//! The line that stands on every page, such as that the data shown is a sample.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

/// The line; none: no line. Also an extension of every request.
#[derive(Clone, Debug, Default)]
pub struct Banner(pub Option<String>);

tokio::task_local! {
    /// For the request being answered: the frame of a page asks for it, so that no page can forget it.
    static SHOWN: Banner;
}

/// Hands the banner to every page rendered below.
pub async fn provide(State(banner): State<Banner>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(banner.clone());
    SHOWN.scope(banner, next.run(request)).await
}

pub fn shown() -> Option<String> {
    SHOWN.try_with(|banner| banner.0.clone()).ok().flatten()
}
