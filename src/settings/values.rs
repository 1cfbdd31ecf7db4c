//! The values that a setting can have and that are more than a number: each parsed once, here.

use url::Url;

use crate::telemetry;

/// Where the service is, as its callers know it: an absolute `http` or `https` URL without a slash
/// behind, a query, a fragment or a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads a public URL; nothing where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // The parser forgives spaces and control characters, and adds a slash; this does not.
        let url = Url::parse(text)
            .ok()
            .filter(|_| text.bytes().all(|byte| byte.is_ascii_graphic()))?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        let is_spelled_so = url.as_str().trim_end_matches('/') == text;
        (is_plain && is_spelled_so).then(|| Self(text.to_owned()))
    }

    /// The URL, with no slash behind.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for PublicUrl {
    fn default() -> Self {
        Self("http://127.0.0.1:8080/FHIR/R4".to_owned())
    }
}

/// The origins whose pages may ask from a browser
/// (<https://fetch.spec.whatwg.org/#http-cors-protocol>): each spelled as a browser sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrowserOrigins(Vec<String>);

impl BrowserOrigins {
    /// Reads origins with commas between them; nothing where one is none, or stands for many.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let origins: Option<Vec<String>> = text.split(',').map(str::trim).map(origin).collect();
        origins.map(Self)
    }

    /// The origins.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && !text.contains('*');
    let spelled = url.origin().ascii_serialization();
    (is_web && spelled == text).then_some(spelled)
}

/// Which log lines are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Reads a filter; nothing where telemetry would not take it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // An empty filter would let nothing through but errors, and was not meant.
        let is_filter = !text.trim().is_empty() && telemetry::parsed(text).is_ok();
        is_filter.then(|| Self(text.to_owned()))
    }

    /// The filter, for [`telemetry::start`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::proptest;

    use super::{BrowserOrigins, LogFilter, PublicUrl};

    #[test]
    fn an_origin_is_spelled_as_a_browser_sends_it_and_stands_for_no_other() {
        let parsed = BrowserOrigins::parse("https://a.example, http://localhost:3000").unwrap();
        assert_eq!(
            parsed.as_slice(),
            ["https://a.example", "http://localhost:3000"]
        );
        for wrong in [
            "",
            "*",
            "null",
            "https://*.example",
            "https://a.example/",
            "https://a.example:443",
            "https://A.example",
            "https://a.example,",
            "a.example",
            "file:///a",
            "https://user@a.example",
        ] {
            assert_eq!(BrowserOrigins::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_public_url_is_absolute_and_plain() {
        for right in [
            "http://localhost:8080/FHIR/R4",
            "https://cpis.example",
            "http://[::1]:1/a",
        ] {
            assert_eq!(PublicUrl::parse(right).unwrap().as_str(), right);
        }
        for wrong in [
            "",
            "localhost:8080",
            "//cpis.example/FHIR",
            "ftp://cpis.example",
            "https://",
            "https://cpis.example/",
            "https://cpis.example/FHIR/R4/",
            "https://cpis.example/FHIR?a=b",
            "https://cpis.example/FHIR?",
            "https://cpis.example/FHIR#a",
            "https://user:secret@cpis.example/FHIR",
            " https://cpis.example",
            "https://cpis.example/FH\nIR",
            "https://cpis.example/a/../b",
            "HTTPS://cpis.example",
        ] {
            assert_eq!(PublicUrl::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_log_filter_is_one_that_telemetry_takes() {
        assert_eq!(
            LogFilter::parse("warn,cpis_fhir=debug").unwrap().as_str(),
            "warn,cpis_fhir=debug"
        );
        for wrong in ["", " ", "cpis_fhir=loud"] {
            assert_eq!(LogFilter::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_public_url_that_is_taken_is_kept_as_written(text in "https?://[a-z./:?#@ ]{0,20}") {
            if let Some(url) = PublicUrl::parse(&text) {
                assert_eq!(url.as_str(), text);
            }
        }
    }
}
