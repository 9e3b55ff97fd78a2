//! Zones with every kind of clock, and when they are put forward or back.

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use fastrand::Rng;

pub const ZONES: [Tz; 52] = [
    Tz::UTC,
    Tz::Africa__Cairo,
    Tz::Africa__Casablanca,
    Tz::Africa__El_Aaiun,
    Tz::Africa__Johannesburg,
    Tz::Africa__Juba,
    Tz::Africa__Monrovia,
    Tz::America__Argentina__San_Luis,
    Tz::America__Asuncion,
    Tz::America__Caracas,
    Tz::America__Chicago,
    Tz::America__Godthab,
    Tz::America__Havana,
    Tz::America__New_York,
    Tz::America__Nuuk,
    Tz::America__Sao_Paulo,
    Tz::America__Scoresbysund,
    Tz::America__St_Johns,
    Tz::Antarctica__Casey,
    Tz::Antarctica__Macquarie,
    Tz::Antarctica__Troll,
    Tz::Asia__Amman,
    Tz::Asia__Beirut,
    Tz::Asia__Gaza,
    Tz::Asia__Jerusalem,
    Tz::Asia__Kathmandu,
    Tz::Asia__Kolkata,
    Tz::Asia__Pyongyang,
    Tz::Asia__Shanghai,
    Tz::Asia__Singapore,
    Tz::Asia__Tehran,
    Tz::Asia__Tokyo,
    Tz::Asia__Ulaanbaatar,
    Tz::Atlantic__Azores,
    Tz::Australia__Adelaide,
    Tz::Australia__Eucla,
    Tz::Australia__Lord_Howe,
    Tz::Australia__Sydney,
    Tz::Europe__Berlin,
    Tz::Europe__Dublin,
    Tz::Europe__Istanbul,
    Tz::Europe__Lisbon,
    Tz::Europe__London,
    Tz::Europe__Moscow,
    Tz::Europe__Volgograd,
    Tz::Pacific__Apia,
    Tz::Pacific__Auckland,
    Tz::Pacific__Chatham,
    Tz::Pacific__Easter,
    Tz::Pacific__Kiritimati,
    Tz::Pacific__Kwajalein,
    Tz::Pacific__Norfolk,
];

pub fn offset_seconds(zone: Tz, instant: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()
}

/// An instant from 1970 to 2037, which is one when the zone's clock was moved, if it was moved in the year after.
pub fn eventful_instant(rng: &mut Rng, zone: Tz) -> DateTime<Utc> {
    let start = DateTime::from_timestamp(rng.i64(0..2_114_380_800), 0).unwrap();
    let half_day = TimeDelta::hours(12);
    let mut before = start;
    for _ in 0..2 * 366 {
        let after = before + half_day;
        if offset_seconds(zone, before) != offset_seconds(zone, after) {
            return change_between(zone, before, after);
        }
        before = after;
    }
    start
}

/// The first instant with another offset.
fn change_between(zone: Tz, mut before: DateTime<Utc>, mut after: DateTime<Utc>) -> DateTime<Utc> {
    let offset = offset_seconds(zone, before);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if offset_seconds(zone, middle) == offset { before = middle } else { after = middle }
    }
    after
}
