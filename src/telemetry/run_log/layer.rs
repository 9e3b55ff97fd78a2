//! From events to lines.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::mpsc::Sender;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{KEEPER, RUN, RunLine, TASK, visit::cut};
use crate::clock::Clock;

pub struct RunLog {
    pub sender: Sender<RunLine>,
    pub clock: Clock,
}

/// The longest id or key, in bytes.
const LONGEST_NAME: usize = 256;

/// Kept with a span of a run.
struct InRun {
    run: Arc<str>,
    /// Lines that did not fit and have not been told yet.
    dropped: AtomicU64,
}

/// Kept with a span of a task.
struct InTask(Arc<str>);

impl<S> Layer<S> for RunLog
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        match span.name() {
            RUN => {
                if let Some(run) = Named::in_span(attributes, "run") {
                    span.extensions_mut().insert(InRun { run, dropped: AtomicU64::new(0) });
                }
            }
            TASK => {
                if let Some(key) = Named::in_span(attributes, "key") {
                    span.extensions_mut().insert(InTask(key));
                }
            }
            _ => {}
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut task = None;
        for span in context.event_scope(event).into_iter().flatten() {
            if span.name() == KEEPER {
                return;
            }
            let extensions = span.extensions();
            if let Some(run) = extensions.get::<InRun>() {
                return self.take(run, task, event);
            }
            task = task.or_else(|| extensions.get::<InTask>().map(|InTask(key)| Arc::clone(key)));
        }
    }

    /// What was dropped at the very end has no next line to be told in.
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some(run) = span.extensions().get::<InRun>() {
            self.tell_dropped(run, 1);
        }
    }
}

impl RunLog {
    fn take(&self, run: &InRun, task: Option<Arc<str>>, event: &Event<'_>) {
        if self.sender.is_closed() {
            return; // nobody keeps lines here
        }
        self.tell_dropped(run, 2);
        // The place comes first: a line that has none is not even put into words.
        match self.sender.try_reserve() {
            Ok(place) => place.send(RunLine::of(Arc::clone(&run.run), task, self.clock.now(), event)),
            Err(_) => drop(run.dropped.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// Tells what was dropped, when there are so many places.
    fn tell_dropped(&self, run: &InRun, places: usize) {
        if run.dropped.load(Ordering::Relaxed) == 0 || self.sender.capacity() < places {
            return;
        }
        let Ok(place) = self.sender.try_reserve() else { return };
        match run.dropped.swap(0, Ordering::Relaxed) {
            0 => {} // another thread was faster
            lines => place.send(RunLine::dropped(Arc::clone(&run.run), self.clock.now(), lines)),
        }
    }
}

/// The value of one field, as text.
struct Named {
    name: &'static str,
    value: Option<String>,
}

impl Named {
    fn in_span(attributes: &Attributes<'_>, name: &'static str) -> Option<Arc<str>> {
        let mut named = Self { name, value: None };
        attributes.record(&mut named);
        named.value.map(Arc::from)
    }
}

impl Visit for Named {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == self.name {
            self.value = Some(cut(format_args!("{value}"), LONGEST_NAME));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == self.name {
            self.value = Some(cut(format_args!("{value:?}"), LONGEST_NAME));
        }
    }
}
