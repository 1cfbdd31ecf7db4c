//! A search as it came over HTTP: by GET, by POST of a form, or in a compartment
//! (<https://hl7.org/fhir/R4/http.html#search>).

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::web::Payload;

use crate::api::body::{self, media_type};
use crate::api::error::Refusal;
use crate::api::negotiation::{Form, agreed};
use crate::api::search::SearchRefusal;
use crate::api::search::answering::PAGE;
use crate::api::search::page::PAGE_LINK_BYTES_MAX;
use crate::api::search::parameters::{Parameter, SEARCH_BYTES_MAX, read};
use crate::api::search::searchable::{Asked, Handling, Search, Searchable};
use crate::api::service::Service;

/// The parameters of a search and where they were sent.
pub struct SearchRequest {
    /// The parameters, from the URL and the body.
    pub parameters: Vec<Parameter>,
    /// The Patient whose compartment is searched.
    pub compartment: Option<String>,
}

impl SearchRequest {
    /// Reads the search that a request is, and the form its answer is wanted in.
    ///
    /// # Errors
    /// [`Refusal`] when its body or its length is not good enough.
    pub async fn over_http(
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<(Self, Form), Refusal> {
        let mut written = request.query_string().to_owned();
        if request.method() == Method::POST {
            let posted = posted(request, payload).await?;
            written = [written, posted].join("&");
        }
        if written.len() > bytes_max(&written) {
            return Err(SearchRefusal::TooLong.into());
        }
        // A posted form may ask for a form of answer too.
        let form = agreed(request, &written)?;
        let search = Self {
            parameters: read(&written),
            compartment: request.match_info().get("id").map(str::to_owned),
        };
        Ok((search, form))
    }

    /// The page link that is asked for, where one is.
    #[must_use]
    pub fn page_link(&self) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let link = parameters.find(|parameter| parameter.written == PAGE)?;
        Some(&link.value)
    }

    /// The path searched, under the base URL.
    #[must_use]
    pub fn path(&self, searchable: &Searchable) -> String {
        let path = searchable.path();
        match &self.compartment {
            Some(id) => format!("Patient/{id}/{path}"),
            None => path.to_owned(),
        }
    }

    /// The search of a kind of resource that the parameters say.
    ///
    /// # Errors
    /// [`SearchRefusal`] that names the parameter at fault.
    pub fn read(
        &self,
        searchable: &Searchable,
        service: &Service,
        handling: Handling,
    ) -> Result<Search, SearchRefusal> {
        searchable.read(&Asked {
            parameters: &self.parameters,
            compartment: self.compartment.as_deref(),
            handling,
            base: &service.base,
            searchables: service.searchables,
        })
    }
}

/// The longest a search may be. A page link is the service's own, and as long as its ids make it.
#[must_use]
pub fn bytes_max(written: &str) -> usize {
    if written.starts_with(&format!("{PAGE}=")) {
        PAGE_LINK_BYTES_MAX
    } else {
        SEARCH_BYTES_MAX
    }
}

async fn posted(request: &HttpRequest, payload: Payload) -> Result<String, Refusal> {
    let bytes = body::read(request, payload, SEARCH_BYTES_MAX).await?;
    if bytes.is_empty() {
        return Ok(String::new());
    }
    if media_type(request) != "application/x-www-form-urlencoded" {
        return Err(Refusal::MediaType("application/x-www-form-urlencoded"));
    }
    String::from_utf8(bytes.into()).ok().ok_or(Refusal::NotText)
}
