//! The versions of resources, newest first (<https://hl7.org/fhir/R4/http.html#history>).

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::Resource;
use fhirbolt::model::r4::resources::{
    Bundle, BundleEntry, BundleEntryRequest, BundleEntryResponse,
};
use uuid::Uuid;

use crate::domain::timeline::Change;
use crate::fhir::bundle::page_link;
use crate::fhir::elements::instant;
use crate::fhir::resource_kind::ResourceKind;

/// One version, as a history tells it.
pub struct HistoryEntry {
    /// The kind of resource.
    pub kind: ResourceKind,
    /// Its id.
    pub id: Uuid,
    /// The version.
    pub version: String,
    /// When it began.
    pub began: DateTime<Utc>,
    /// How it came about.
    pub change: Change,
    /// The resource as it was; none for a withdrawal.
    pub resource: Option<Resource>,
}

/// One page of a history.
pub struct History {
    /// The absolute URL of this page, with the parameters that were used.
    pub self_link: String,
    /// The absolute URL of the next page, where there is one.
    pub next: Option<String>,
    /// How many versions there are, on all pages.
    pub total: u32,
    /// What is on this page, newest first.
    pub entries: Vec<HistoryEntry>,
}

impl History {
    /// The page as a bundle, its entries under this base URL.
    #[must_use]
    pub fn bundle(self, base: &str) -> Bundle {
        let mut link = vec![page_link("self", self.self_link)];
        link.extend(self.next.map(|url| page_link("next", url)));
        let entries = self.entries.into_iter();
        Bundle {
            r#type: "history".into(),
            total: Some(self.total.into()),
            link,
            entry: entries.map(|entry| history_entry(base, entry)).collect(),
            ..Default::default()
        }
    }
}

/// What a caller would have had to send for the change, and would have been answered.
fn history_entry(base: &str, entry: HistoryEntry) -> BundleEntry {
    let kind = entry.kind.name();
    let path = format!("{kind}/{}", entry.id);
    let full_url = format!("{}/{path}", base.trim_end_matches('/'));
    let (method, url, status) = match entry.change {
        Change::Created => ("POST", kind.to_owned(), "201 Created"),
        Change::Updated => ("PUT", path, "200 OK"),
        Change::Restored => ("PUT", path, "201 Created"),
        Change::Withdrawn => ("DELETE", path, "204 No Content"),
    };
    let request = BundleEntryRequest {
        method: method.into(),
        url: url.into(),
        ..Default::default()
    };
    let response = BundleEntryResponse {
        status: status.into(),
        etag: Some(format!("W/\"{}\"", entry.version).into()),
        last_modified: Some(instant(entry.began).into()),
        ..Default::default()
    };
    BundleEntry {
        full_url: Some(full_url.into()),
        resource: entry.resource,
        request: Some(request),
        response: Some(response),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use serde_json::{Value, json};

    use super::{History, HistoryEntry};
    use crate::domain::plan::PlanKind;
    use crate::domain::timeline::Change;
    use crate::fhir::resource_kind::ResourceKind;
    use crate::fhir::samples::{BASE, plan};

    #[test]
    fn a_withdrawal_is_a_delete_without_a_resource_and_its_return_a_put_that_creates() {
        let plan = plan(PlanKind::ChildProtection);
        let entries = [
            Change::Restored,
            Change::Withdrawn,
            Change::Updated,
            Change::Created,
        ]
        .map(|change| HistoryEntry {
            kind: ResourceKind::Flag,
            id: plan.id,
            version: "1-1".into(),
            began: plan.updated_at,
            change,
            resource: None,
        });
        let history = History {
            self_link: format!("{BASE}/Flag/{}/_history", plan.id),
            next: None,
            total: 4,
            entries: entries.into(),
        };
        let json = fhirbolt::json::to_json_value(history.bundle(BASE), None).unwrap();
        let told: Vec<Value> = json
            .get("entry")
            .and_then(Value::as_array)
            .unwrap()
            .iter()
            .map(|entry| {
                let at = |pointer: &str| entry.pointer(pointer).unwrap().clone();
                json!([
                    at("/request/method"),
                    at("/request/url"),
                    at("/response/status")
                ])
            })
            .collect();
        let path = format!("Flag/{}", plan.id);
        assert_eq!(
            told,
            [
                json!(["PUT", path, "201 Created"]),
                json!(["DELETE", path, "204 No Content"]),
                json!(["PUT", path, "200 OK"]),
                json!(["POST", "Flag", "201 Created"]),
            ]
        );
    }
}
