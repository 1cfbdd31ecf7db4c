//! What every answer about the sealed access history shares: it is plain text, as transparency logs
//! tell it, and what cannot be proved is a failure of the service.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tracing::error;

use crate::api::error::Refusal;
use crate::sealing::proving::ProvingError;
use crate::sealing::tree::TreeError;
use crate::store::{Postgres, Store, StoreError};

/// An answer of plain text.
#[must_use]
pub fn plain(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text)
}

/// What is proved in a transaction of the query side.
///
/// # Errors
/// [`Refusal::Unavailable`] when it cannot be proved: then nothing is to be believed.
pub async fn proved<T, Work>(store: &Store, work: Work) -> Result<T, Refusal>
where
    T: Send + 'static,
    Work: Fn(&mut Postgres) -> Result<T, ProvingError> + Send + 'static,
{
    let proved = store.snapshot(move |postgres| match work(postgres) {
        Err(ProvingError::Store(cause) | ProvingError::Tree(TreeError::Store(cause))) => Err(cause),
        proved => Ok(proved),
    });
    proved.await?.map_err(|cause| {
        error!(cause = %cause, "The sealed access history cannot be proved");
        StoreError::Row("sealed access history").into()
    })
}
