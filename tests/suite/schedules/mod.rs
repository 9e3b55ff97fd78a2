//! Schedules against their definition: ticks are compared with those that a walk along the time line finds.

mod agreement;
mod case;
mod expressions;
mod reference;
mod speed;
mod zones;
