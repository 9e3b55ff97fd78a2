//! A database that the original filled: recognised, taken over without loss, made true, and given back.

mod adoption;
mod binary;
mod fixture;
mod giving_back;
mod made_true;
mod page;
mod refusals;
