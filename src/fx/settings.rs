//! The domain's sections: `[sources.ecb]` and `[jobs.fx]`.

use std::time::Duration;

use chrono_tz::Tz;

use crate::crawl::settings::{BaseUrl, SourceDefaults, SourceSettings};
use crate::jobs::settings::{JobDefaults, JobSettings};
use crate::settings::Section;

#[derive(Clone, Debug)]
pub struct FxSettings {
    pub source: SourceSettings,
    pub job: JobSettings,
}

impl FxSettings {
    /// Reads the domain's sections from the root. The default schedule is after the ECB's usual hour.
    pub fn read(root: &mut Section) -> Self {
        let source = SourceSettings::read(&mut root.table("sources").table("ecb"), source_defaults());
        let defaults = JobDefaults { schedule: "30 16 * * Mon-Fri", timezone: Tz::Europe__Berlin, enabled: false };
        Self { source, job: JobSettings::read(&mut root.table("jobs").table("fx"), defaults) }
    }
}

fn source_defaults() -> SourceDefaults {
    SourceDefaults {
        base_url: BaseUrl::built_in("https://www.ecb.europa.eu"),
        min_interval: Duration::from_secs(1),
        floor: Duration::ZERO,
        enabled: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_in_the_program_is_a_base_url() {
        let url = source_defaults().base_url;
        assert_eq!(BaseUrl::parse(url.as_str()).unwrap(), url);
    }
}
