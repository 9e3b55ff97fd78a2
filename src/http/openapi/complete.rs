//! What the frame gives to every answer, whatever route it is of, added to the descriptions: who may call, the refusals
//! all routes share, and the headers. Handlers state only what is their own.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::openapi::{
    Content, Header, HeaderBuilder, Object, OpenApi, PathItem, Ref, RefOr, Response, Schema, Type,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
    schema::SchemaType,
    security::SecurityRequirement,
};

use super::BEARER;
use crate::http::{routes::is_open, settings::Scope, table::Format};

/// The refusals that mean the same wherever a handler has nothing to add: described once.
const SHARED: [&str; 11] = ["400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"];

/// Completes every operation.
pub fn complete(api: &mut OpenApi) {
    let shared = &mut api.components.get_or_insert_default().responses;
    for status in SHARED {
        let mut response = Response::new("");
        answer(status, &mut response, false);
        shared.insert(name(status), response.into());
    }
    for item in api.paths.paths.values_mut() {
        let PathItem { get, post, put, patch, delete, .. } = item;
        get.iter_mut().for_each(|operation| operation_of(operation, false));
        for changing in [post, put, patch, delete] {
            changing.iter_mut().for_each(|operation| operation_of(operation, true));
        }
    }
}

fn operation_of(operation: &mut Operation, changes: bool) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            describe(parameter);
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(left_out_is_not_null);
    }
    formats(operation);
    let statuses = statuses(operation, changes);
    if !is_open(operation) {
        secure(operation, changes);
    }
    let responses = &mut operation.responses.responses;
    for status in statuses {
        responses.entry(status.to_owned()).or_insert_with(|| Response::new("").into());
    }
    let tagged = responses.contains_key("304");
    for (status, response) in responses.iter_mut() {
        match response {
            RefOr::T(told) if SHARED.contains(&status.as_str()) && told.description.is_empty() => {
                *response = Ref::from_response_name(name(status)).into();
            }
            RefOr::T(told) => answer(status, told, tagged),
            RefOr::Ref(_) => {}
        }
    }
    if tagged {
        operation.parameters.get_or_insert_default().push(if_none_match().into());
    }
}

/// What has a parameter `format` can be written as each of its words; Parquet also in parts.
fn formats(operation: &mut Operation) {
    let mut parameters = operation.parameters.iter().flatten();
    let asked = parameters.find_map(|parameter| match parameter {
        RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(words))), .. }) if name == "format" => {
            Some(words)
        }
        _ => None,
    });
    let words: Vec<_> = asked.and_then(|schema| schema.enum_values.clone()).into_iter().flatten().collect();
    let offered: Vec<Format> =
        Format::ALL.into_iter().filter(|format| words.iter().any(|word| word == format.as_str())).collect();
    let responses = &mut operation.responses.responses;
    if let Some(RefOr::T(answer)) = responses.get_mut("200") {
        for format in &offered {
            let kind = format.content_type().split(';').next().unwrap_or_default().to_owned();
            answer.content.entry(kind).or_insert_with(|| Content::new(Some(string())).into());
        }
    }
    if offered.contains(&Format::Parquet) {
        for (status, told) in
            [("206", "A part of the Parquet file, by `Range`."), ("416", "The file has no such part.")]
        {
            responses.entry(status.to_owned()).or_insert_with(|| Response::new(told).into());
        }
    }
}

/// A parameter is described where it stands, or by what it is.
fn describe(parameter: &mut Parameter) {
    let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema else { return };
    let told = schema.description.take().filter(|told| !told.is_empty());
    if parameter.description.as_ref().is_none_or(String::is_empty) {
        parameter.description = told;
    }
}

/// A body that may be left out is described as one that may be null, which it may not.
fn left_out_is_not_null(content: &mut RefOr<Content>) {
    let RefOr::T(Content { schema: Some(schema), .. }) = content else { return };
    let RefOr::T(Schema::OneOf(either)) = schema else { return };
    let null = |schema: &RefOr<Schema>| matches!(schema, RefOr::T(Schema::Object(one)) if one.schema_type == SchemaType::Type(Type::Null));
    either.items.retain(|item| !null(item));
    if let [only] = either.items.as_slice() {
        *schema = only.clone();
    }
}

/// Statuses that the frame may answer with before or in place of the handler.
fn statuses(operation: &Operation, changes: bool) -> Vec<&'static str> {
    let mut statuses = vec!["400", "500", "503"];
    if !is_open(operation) {
        statuses.push("401");
    }
    if changes {
        statuses.extend(["403", "429"]);
    }
    if operation.request_body.is_some() {
        statuses.extend(["413", "415"]);
    }
    statuses
}

/// Reads are open unless `server.protect_reads`; changes need a token, on loopback without a token none.
fn secure(operation: &mut Operation, changes: bool) {
    let needed = operation.security.get_or_insert_with(|| {
        let scope = if changes { Scope::Operate } else { Scope::Read };
        let token = SecurityRequirement::new(BEARER, [scope.as_str()]);
        if changes { vec![token] } else { vec![SecurityRequirement::default(), token] }
    });
    let scope = needed.iter().find_map(scope_of);
    if let Some(scope) = scope.filter(|scope| scope != Scope::Read.as_str()) {
        let described = operation.description.get_or_insert_default();
        if !described.is_empty() {
            described.push_str("\n\n");
        }
        described.push_str(&format!("Needs a token of scope `{scope}`, or none where none is configured."));
    }
}

fn scope_of(needed: &SecurityRequirement) -> Option<String> {
    let value = serde_json::to_value(needed).ok()?;
    value.get(BEARER)?.get(0)?.as_str().map(str::to_owned)
}

/// What a shared refusal is called: `NotFound`.
fn name(status: &str) -> String {
    let status = status.parse().ok().and_then(|status: StatusCode| status.canonical_reason());
    status.unwrap_or_default().replace(' ', "")
}

/// Words, content and headers that follow from the status.
fn answer(status: &str, response: &mut Response, tagged: bool) {
    if response.description.is_empty() {
        response.description = words(status).to_owned();
    }
    let failed = status.starts_with(['4', '5']);
    if failed && response.content.is_empty() {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        response.content.insert("application/problem+json".to_owned(), problem.into());
        response.content.insert("text/html".to_owned(), Content::new(Some(string())).into());
    }
    let tells = |told: &str| tagged && (told == "200" || told == "304");
    let headers: [(bool, &str, &str); 8] = [
        (true, "X-Request-Id", "The id of the request: the client's, where it was fit to be one, or a new one."),
        (failed, "Content-Language", "`en` or `ja`: the language of the problem, by `Accept-Language`."),
        (tells(status), "ETag", "Identifies the content: send it as `If-None-Match` to be spared what you have."),
        (tells(status), "Cache-Control", "May be kept, if it is asked each time whether it still holds."),
        (tells(status), "Vary", "What the answer depends on beside the address."),
        (status == "401", "WWW-Authenticate", "Bearer, with what is missing."),
        (status == "429" || status == "503", "Retry-After", "Seconds after which it is worth trying again."),
        (response.content.contains_key("text/csv"), "Content-Disposition", "A name for the file, but for JSON."),
    ];
    for (_, name, told) in headers.into_iter().filter(|(given, ..)| *given) {
        header(&mut response.headers, name, told);
    }
}

fn header(headers: &mut BTreeMap<String, RefOr<Header>>, name: &str, told: &str) {
    let known = headers.keys().any(|known| known.eq_ignore_ascii_case(name));
    if !known {
        let described = HeaderBuilder::new().schema(Some(string())).description(Some(told)).build();
        headers.insert(name.to_owned(), described.into());
    }
}

fn string() -> RefOr<Schema> {
    Object::with_type(Type::String).into()
}

/// What a status means wherever the handler has nothing to add.
fn words(status: &str) -> &'static str {
    match status {
        "304" => "What you have, by `If-None-Match`, is still true.",
        "400" => "A parameter cannot be, or the address is no text; `errors` names each.",
        "401" => "No valid token was sent.",
        "403" => "The token may not do this; or there is none, and the caller is not this host.",
        "404" => "There is no such thing.",
        "409" => "Something stands in the way; `link` shows what.",
        "413" => "The body is too large.",
        "415" => "The body is of a type that is not read here.",
        "422" => "Members of the body cannot be; `errors` names each.",
        "429" => "Too many changes by this client.",
        "500" => "Something went wrong here; the log tells what, under the request id.",
        "503" => "Starting, ending, busy, or without database.",
        _ => "",
    }
}

fn if_none_match() -> Parameter {
    ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .description(Some("The `ETag` of an answer you have."))
        .schema(Some(string()))
        .build()
}
