//! `authority held-plans`: what is held for the authority, as CSV (`docs/reconciling.md`).

use std::process::ExitCode;

use crate::commands::Failure;
use crate::commands::authority::service::{AuthorityService, Told};
use crate::commands::telling::text;

/// Prints every plan, page after page under one line of columns.
///
/// # Errors
/// [`Failure`] when the service does not answer or refuses.
pub fn run(service: &AuthorityService) -> Result<ExitCode, Failure> {
    let mut path = Some("$held-plans".to_owned());
    let mut is_first = true;
    while let Some(asked) = path {
        let Told::Answer(page) = service.get(&asked)? else {
            return Err("there is no service that reads plans back at this URL".into());
        };
        let rows = match is_first {
            true => page.text.as_str(),
            false => page.text.split_once('\n').map_or("", |(_, rows)| rows),
        };
        text(rows)?;
        is_first = false;
        path = page.next;
    }
    Ok(ExitCode::SUCCESS)
}
