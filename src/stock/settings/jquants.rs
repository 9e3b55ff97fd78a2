//! What `[sources.jquants]` has beside other sources: the plan subscribed to.

use std::time::Duration;

use chrono::TimeDelta;

use crate::crawl::settings::SourceSettings;
use crate::settings::Section;

/// J-Quants' plans. Their limits: <https://jpx-jquants.com/en/spec/rate-limits>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plan {
    /// Without the newest twelve weeks.
    #[default]
    Free,
    Light,
    Standard,
    Premium,
}

impl Plan {
    pub const ALL: [Self; 4] = [Self::Free, Self::Light, Self::Standard, Self::Premium];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Light => "light",
            Self::Standard => "standard",
            Self::Premium => "premium",
        }
    }

    /// Requests a minute.
    #[must_use]
    pub const fn per_minute(self) -> u32 {
        match self {
            Self::Free => 5,
            Self::Light => 60,
            Self::Standard => 120,
            Self::Premium => 500,
        }
    }

    /// The least time between two requests.
    #[must_use]
    pub fn min_interval(self) -> Duration {
        Duration::from_mins(1) / self.per_minute()
    }

    /// How much older than today the newest day is that the plan gives.
    #[must_use]
    pub const fn delay(self) -> TimeDelta {
        match self {
            Self::Free => TimeDelta::weeks(12),
            Self::Light | Self::Standard | Self::Premium => TimeDelta::zero(),
        }
    }

    pub(super) fn read(section: &mut Section) -> Self {
        section.choice("plan", Self::default(), &Self::ALL, Self::as_str)
    }
}

/// J-Quants answers nobody without a key.
pub(super) fn require_key(section: &mut Section, settings: &SourceSettings) {
    if settings.enabled && !section.gives_secret("api_key") {
        let right = "write the API key of your J-Quants account, or name a file that holds it with api_key_file, or \
                     leave the source out with enabled = false";
        section.refuse_missing("api_key", right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_of_a_plan_is_its_requests_a_minute() {
        let paces = Plan::ALL.map(|plan| plan.min_interval().as_millis());
        assert_eq!(paces, [12_000, 1_000, 500, 120]);
    }
}
