//! The configuration as a whole, from text and variables to sections.

mod alerts;
mod files;
mod forms;
mod limits;
mod mistakes;
mod precedence;
mod telemetry;
mod tokens;

use super::*;

fn env(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn parse_text(text: &str, variables: &[(&str, &str)]) -> Result<Config, Problems> {
    parse(Some((Path::new("my.toml"), text)), &env(variables))
}

/// The problems as the user reads them, one a line.
fn refused(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let problems = parse_text(text, variables).unwrap_err();
    problems.to_string().lines().skip(1).map(|line| line.trim().to_owned()).collect()
}
