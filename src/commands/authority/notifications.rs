//! `authority notifications`: what the authority is told of its children, pulled and, if asked,
//! acknowledged (`docs/notifications.md`).

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::commands::Failure;
use crate::commands::authority::service::{AuthorityService, Told};
use crate::commands::telling;

/// Prints a line for each notification since a moment, the oldest first, and acknowledges those
/// that were printed. Fails where there are more that the service cannot tell yet.
///
/// # Errors
/// [`Failure`] when the service does not answer or refuses.
pub fn run(
    service: &AuthorityService,
    since: Option<&str>,
    acknowledge: bool,
) -> Result<ExitCode, Failure> {
    let mut path = Some(match since {
        Some(since) => format!("Communication?sent=ge{since}"),
        None => "Communication?status=in-progress".to_owned(),
    });
    let (mut printed, mut remark) = (0_usize, None);
    while let Some(asked) = path {
        let Told::Answer(page) = service.get(&asked)? else {
            return Err("there is no service that notifies at this URL".into());
        };
        let bundle: Value = serde_json::from_str(&page.text)?;
        let found: Vec<&Value> = resources(&bundle).collect();
        for notification in &found {
            telling::line(line(notification))?;
        }
        if acknowledge && !found.is_empty() {
            acknowledge_all(service, &found)?;
        }
        printed += found.len();
        remark = awaited(&bundle);
        path = next(&bundle);
    }
    match remark {
        Some(remark) => {
            telling::remark(remark);
            return Ok(ExitCode::FAILURE);
        }
        None if printed == 0 => {
            telling::line("Nothing: there is nothing to tell, or all is acknowledged.")?
        }
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// What the service says of what it cannot tell yet.
fn awaited(bundle: &Value) -> Option<String> {
    let entries = bundle.get("entry").and_then(Value::as_array)?;
    let issues = entries.iter().filter_map(|entry| {
        let issue = entry.pointer("/resource/issue/0")?;
        (issue.get("code") == Some(&json!("transient"))).then_some(issue)
    });
    let mut words = issues.filter_map(|issue| issue.get("diagnostics")?.as_str());
    words.next().map(str::to_owned)
}

fn resources(bundle: &Value) -> impl Iterator<Item = &Value> {
    let entries = bundle.get("entry").and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("resource"))
        .filter(|resource| resource.get("resourceType") == Some(&json!("Communication")))
}

/// The words for a person, which name the child by the authority's own identifier.
fn line(notification: &Value) -> String {
    let text = |path| {
        let value = notification.pointer(path).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    format!(
        "{} {} {}",
        text("/id"),
        text("/sent"),
        text("/payload/0/contentString")
    )
}

fn acknowledge_all(service: &AuthorityService, found: &[&Value]) -> Result<(), Failure> {
    let named: Vec<Value> = found
        .iter()
        .filter_map(|notification| notification.get("id"))
        .map(|id| json!({ "name": "id", "valueId": id }))
        .collect();
    let body = json!({ "resourceType": "Parameters", "parameter": named }).to_string();
    let length = u64::try_from(body.len())?;
    let told = service.post(
        "Communication/$acknowledge",
        "application/fhir+json",
        (body.as_bytes(), length),
    )?;
    match told {
        Told::Answer(_) => Ok(()),
        Told::Nothing => Err("the service does not know what it just told of".into()),
    }
}

fn next(bundle: &Value) -> Option<String> {
    let links = bundle.get("link").and_then(Value::as_array)?;
    let next = links
        .iter()
        .find(|link| link.get("relation") == Some(&json!("next")))?;
    Some(next.get("url")?.as_str()?.to_owned())
}
