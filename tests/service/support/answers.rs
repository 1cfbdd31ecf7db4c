//! What the service answered, and how a test looks into it.

use serde_json::Value;

/// An answer.
#[derive(Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("status {} without JSON: {:?}", self.status, self.text))
    }

    /// `Bundle.total` of a search that succeeded.
    pub fn total(&self) -> u64 {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(self.json()["type"], "searchset");
        self.json()["total"].as_u64().unwrap()
    }

    /// The resources of a searchset with this search mode.
    pub fn entries(&self, mode: &str) -> Vec<Value> {
        let bundle = self.json();
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        entries
            .into_iter()
            .filter(|entry| entry["search"]["mode"] == mode)
            .map(|entry| entry["resource"].clone())
            .collect()
    }

    /// The matches of a searchset.
    pub fn matches(&self) -> Vec<Value> {
        self.entries("match")
    }

    /// The ids of the matches of a searchset, in order.
    pub fn ids(&self) -> Vec<String> {
        let id = |resource: Value| resource["id"].as_str().unwrap().to_owned();
        self.matches().into_iter().map(id).collect()
    }

    /// The URL of a link of a bundle.
    pub fn link(&self, relation: &str) -> Option<String> {
        let bundle = self.json();
        let links = bundle["link"].as_array().cloned().unwrap_or_default();
        links
            .iter()
            .find(|link| link["relation"] == relation)
            .and_then(|link| link["url"].as_str().map(str::to_owned))
    }

    /// Asserts that this is a refusal as every refusal must be, and gives its issue.
    pub fn refusal(&self, status: u16, spine_code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            Some("application/fhir+json; charset=utf-8")
        );
        let outcome = self.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        let issue = outcome["issue"][0].clone();
        assert_eq!(issue["severity"], "error");
        assert_eq!(
            issue["details"]["coding"][0]["code"], spine_code,
            "{}",
            self.text
        );
        assert!(
            issue["diagnostics"]
                .as_str()
                .is_some_and(|words| words.len() > 10)
        );
        issue
    }
}
