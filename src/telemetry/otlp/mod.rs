//! Traces by OTLP over HTTP: spans into a bounded queue, and from there in batches to a collector. Nothing ever waits for
//! it: what does not fit, or cannot be sent, is dropped and counted.

mod collector;
mod door;
mod export;
mod ids;
mod queue;
mod sampler;
mod shape;

use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracerProvider, SpanLimits},
};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, filter_fn},
    registry::LookupSpan,
};

use self::{collector::Collector, ids::Ids, sampler::Ratio};
pub use self::{
    door::{adopt, begin, context_of, current_ids, failed, join, link, number, text},
    export::Traces,
};
use super::{
    TelemetryError,
    trace::{TRACE, settings::TelemetrySettings},
};

/// The name under which the spans of this program are known.
const SCOPE: &str = "data_infrastructure";

/// The layer that takes the spans, and the spans; none without a collector.
///
/// # Errors
/// When the collector's client cannot be made.
pub(super) fn layer<S>(settings: &TelemetrySettings) -> Result<Option<(impl Layer<S> + use<S>, Traces)>, TelemetryError>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let Some(url) = settings.endpoint.traces() else { return Ok(None) };
    let collector = Collector::new(url, settings).map_err(TelemetryError::Collector)?;
    let (queue, spans) = queue::queue();
    let traces = Traces::new(spans, collector, &resource(settings));
    let provider = SdkTracerProvider::builder()
        .with_sampler(Ratio(settings.sample_ratio))
        .with_id_generator(Ids::default())
        .with_span_limits(SpanLimits::default())
        // What is sent with the spans is added to each batch.
        .with_resource(Resource::builder_empty().build())
        .with_span_processor(queue)
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(SCOPE))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false);
    door::open();
    Ok(Some((layer.with_filter(filter_fn(is_traced).with_max_level_hint(LevelFilter::INFO)), traces)))
}

/// Spans that are for traces alone, and those of the logs that are part of one. Events stay in the logs.
fn is_traced(metadata: &Metadata<'_>) -> bool {
    let of_the_logs = |target: &str| {
        matches!(
            (target.strip_prefix("data_infrastructure::").unwrap_or_default(), metadata.name()),
            ("jobs::executor", "run") | ("jobs::executor::tasks", "task") | ("http::frame::observe", "request")
        )
    };
    metadata.is_span() && (metadata.target() == TRACE || of_the_logs(metadata.target()))
}

/// Who sends: the service, its version, this process, and whatever else is configured.
fn resource(settings: &TelemetrySettings) -> Resource {
    let given = settings.resource_attributes.pairs.iter();
    let own = [
        KeyValue::new("service.name", settings.service_name.clone()),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
    ];
    let process = KeyValue::new("service.instance.id", uuid::Uuid::now_v7().to_string());
    let given = given.map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
    // The later of two of one name counts.
    Resource::builder_empty().with_attributes(std::iter::once(process).chain(given).chain(own)).build()
}
