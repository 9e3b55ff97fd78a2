//! The description of the API (OpenAPI 3.1), made of what every handler says of itself, and the page to try it.
//!
//! It needs neither state nor database: a route cannot be registered without its description, and from the
//! registrations alone the document follows.

mod assets;
mod complete;
mod page;
mod problem;
pub mod schema;
mod served;

use utoipa::openapi::{
    InfoBuilder, LicenseBuilder, OpenApi, RefOr, Required, ServerBuilder,
    path::{Parameter, ParameterBuilder, ParameterIn},
    schema::Schema,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa::{PartialSchema as _, ToSchema};

use super::routes::Listed;

pub use served::{Document, routes};

/// The name of the security scheme.
pub const BEARER: &str = "bearer";

/// The document of these routes, completed.
#[must_use]
pub fn document(listed: Listed) -> OpenApi {
    let mut api = listed.api;
    api.info = InfoBuilder::new()
        .title("data-infrastructure")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("about.md").trim()))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    api.servers = Some(vec![ServerBuilder::new().url("/").description(Some("This daemon")).build()]);
    let components = api.components.get_or_insert_default();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("One of the tokens of the configuration, of scope `read`, `operate` or `admin`."))
        .build();
    components.security_schemes.insert(BEARER.to_owned(), SecurityScheme::Http(token).into());
    components.schemas.insert("Problem".to_owned(), problem::Problem::schema());
    let mut named = Vec::new();
    problem::Problem::schemas(&mut named);
    components.schemas.extend(named);
    complete::complete(&mut api);
    api
}

/// As it is printed, served and checked in.
///
/// # Errors
/// When it cannot be written.
pub fn text(api: &OpenApi) -> serde_json::Result<String> {
    api.to_pretty_json().map(|text| text + "\n")
}

/// The description of `{name}` in a path.
#[must_use]
pub fn in_path<T: ToSchema>(name: &str, described: &str) -> Vec<Parameter> {
    let schema: RefOr<Schema> = T::schema();
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(described))
        .schema(Some(schema));
    vec![parameter.build()]
}
