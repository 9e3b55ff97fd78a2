//! `[alerts.NAME]`: who is told, of which events, and in which form. Any number of hooks, by names of the user's own.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use url::Url;

use crate::settings::{Secret, Section, Wrong, nearest, shown};

/// The longest name of a hook, as the tables keep it.
const LONGEST_NAME: usize = 64;

/// Every hook by name; none by default.
#[derive(Clone, Debug, Default)]
pub struct AlertSettings {
    pub hooks: BTreeMap<String, HookSettings>,
}

#[derive(Clone, Debug)]
pub struct HookSettings {
    pub url: HookUrl,
    pub format: Format,
    /// The key of the signature; without one nothing is signed.
    pub secret: Option<Secret>,
    pub events: Vec<Event>,
    /// For one attempt, from connecting to the answer's status.
    pub timeout: Duration,
    /// Per alert, the first attempt included.
    pub max_attempts: u32,
    /// The base of the exponential backoff between attempts.
    pub retry_backoff: Duration,
    /// The same trouble of the same subject is told again only after so long.
    pub repeat_after: Duration,
    /// A scheduled run that has not started so long after its due instant is late.
    pub late_after: Duration,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A run failed or ran into its timeout.
    Failed,
    /// Some tasks of a run failed.
    Partial,
    /// A run's owner vanished too often.
    Lost,
    /// A scheduled run did not start in time.
    Late,
    /// What was told before has passed.
    Recovered,
    /// A condition that a domain measures holds: its data are old.
    Stale,
}

impl Event {
    pub const ALL: [Self; 6] = [Self::Failed, Self::Partial, Self::Lost, Self::Late, Self::Recovered, Self::Stale];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Partial => "partial",
            Self::Lost => "lost",
            Self::Late => "late",
            Self::Recovered => "recovered",
            Self::Stale => "stale",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// The form of a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Everything that is known, for programs.
    Json,
    /// One sentence, as Slack and what is compatible with it read it.
    Slack,
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Json, Self::Slack];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Slack => "slack",
        }
    }
}

/// Where a hook's requests go: a secret from its path on. `Debug` and `Display` show scheme, host and port.
#[derive(Clone, Default)]
pub struct HookUrl(Option<Url>);

impl HookUrl {
    /// # Errors
    /// When the text is no address, said without repeating it.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let right = "write a URL such as \"https://hooks.example.com/services/…\"";
        let url = Url::parse(text).map_err(|error| Wrong::new(format!("the text is no URL: {error}"), right))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Wrong::new("the URL is neither http nor https", right));
        }
        Ok(Self(Some(url)))
    }

    /// The address itself, for the one place that needs it; none where the configuration was refused.
    #[must_use]
    pub const fn expose(&self) -> Option<&Url> {
        self.0.as_ref()
    }
}

impl fmt::Display for HookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(url) => write!(f, "{}/***", url.origin().ascii_serialization()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for HookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HookUrl({self})")
    }
}

impl AlertSettings {
    /// Reads `[alerts]`, whose tables are the hooks.
    pub fn read(section: &mut Section) -> Self {
        let mut hooks = BTreeMap::new();
        for name in section.names() {
            let serves = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(serves) {
                let right =
                    format!("name it by 1 to {LONGEST_NAME} ASCII letters, digits, - and _, such as alerts.ops");
                section.refuse(&name, Wrong::new(format!("{} is no name of a hook", shown(&name)), right));
            }
            let hook = HookSettings::read(&mut section.table(&name));
            hooks.insert(name, hook);
        }
        Self { hooks }
    }
}

impl HookSettings {
    /// Reads one hook. Only its address has no default.
    pub fn read(section: &mut Section) -> Self {
        let (instant, second) = (Duration::from_millis(1), Duration::from_secs(1));
        let (hour, day) = (Duration::from_hours(1), Duration::from_hours(24));
        let names = Event::ALL.map(Event::as_str);
        let settings = Self {
            url: section.parsed_secret("url", HookUrl::default(), HookUrl::parse),
            format: section.choice("format", Format::Json, &Format::ALL, Format::as_str),
            secret: section.secret("secret"),
            events: events(section, &names),
            timeout: section.duration("timeout", 10 * second, instant..=60 * second),
            max_attempts: section.integer("max_attempts", 8, 1..=20),
            retry_backoff: section.duration("retry_backoff", 10 * second, Duration::ZERO..=hour),
            repeat_after: section.duration("repeat_after", 4 * hour, Duration::ZERO..=30 * day),
            late_after: section.duration("late_after", 300 * second, second..=day),
        };
        // An address that was given and refused is told as such.
        if settings.url.expose().is_none() && !section.gives_secret("url") {
            let right = "write the address, or name a file that holds it with url_file, or leave the section out";
            section.refuse_missing("url", right);
        }
        settings
    }

    #[must_use]
    pub fn wants(&self, event: Event) -> bool {
        self.events.contains(&event)
    }
}

fn events(section: &mut Section, names: &[&'static str]) -> Vec<Event> {
    let given = section.texts("events", names);
    let right = format!("write some of {}", names.join(", "));
    if given.is_empty() {
        section.refuse("events", Wrong::new("no event is named, so nothing would ever be told", right.clone()));
    }
    let mut events = Vec::new();
    for name in &given {
        match Event::parse(name) {
            Some(event) if events.contains(&event) => {
                section.refuse("events", Wrong::new(format!("{name} is named twice"), right.clone()));
            }
            Some(event) => events.push(event),
            None => {
                let meant = nearest(name, names.iter().copied());
                let meant = meant.map_or(String::new(), |meant| format!(" (did you mean {meant}?)"));
                let wrong = Wrong::new(format!("{} is no event", shown(name)), format!("{right}{meant}"));
                section.refuse("events", wrong);
            }
        }
    }
    events
}
