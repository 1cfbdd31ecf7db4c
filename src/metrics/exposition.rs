//! All that is told of a process, gathered from those who count it.

use std::sync::Arc;

use crate::api::service::Service;
use crate::mesh::Inbox;
use crate::metrics::definitions::{
    ANSWERS_TOGETHER, ANSWERS_WAITING, ANSWERS_WRITER, BUILD, CERTIFICATE_ENDS, CHECKPOINT_AGE,
    CONNECTIONS, CONNECTIONS_REFUSED, DATABASE_CONNECTIONS, DATABASE_FAILURES, DATABASE_IDLE,
    DATABASE_MAX, DATABASE_WAIT, DATABASE_WAITING, DATABASE_WORK, DEMOGRAPHICS, DISCLOSURE,
    FINDINGS, KEY_SETS, KEY_SETS_AGE, KEY_SETS_UNTRUSTED, LOOKS_TOGETHER, MESH_RECEIVED, MESH_SENT,
    NOTIFICATIONS, REFUSALS, SEALING_ROUNDS, TOKENS,
};
use crate::metrics::page::Page;
use crate::metrics::{figures, process};
use crate::server::doorway::Doorway;
use crate::store::Store;

/// What is measured: a service, and the doorway to it.
#[derive(Clone)]
pub struct Measured {
    /// The service.
    pub service: Arc<Service>,
    /// What its callers' connections pass.
    pub doorway: Arc<Doorway>,
}

impl Measured {
    /// All that is known at this moment.
    pub async fn page(&self) -> Page {
        let mut page = Page::new();
        let page = &mut page;
        page.whole(&BUILD, &[env!("CARGO_PKG_VERSION")], 1);
        self.service.metrics.requests.tell(page);
        self.connections(page);
        self.databases(page);
        self.disclosure(page);
        self.refusals(page);
        self.service.metrics.uploads.tell(page);
        self.others(page);
        process::tell(page);
        figures::tell(&self.service, page).await;
        std::mem::take(page)
    }

    fn connections(&self, page: &mut Page) {
        page.size(&CONNECTIONS, &[], self.doorway.connections());
        page.counts(&CONNECTIONS_REFUSED, &self.doorway.refused.values());
        let tls = self.doorway.tls.as_ref().map(|tls| tls.now().ends.0);
        let inbox = self.service.inbox.as_ref();
        let of_mesh = inbox.and_then(Inbox::certificate_ends);
        let others = [("mesh_client_certificate_file", of_mesh)];
        for (setting, ends) in tls.into_iter().flatten().chain(others) {
            if let Some(ends) = ends {
                page.whole(&CERTIFICATE_ENDS, &[setting], ends.timestamp());
            }
        }
    }

    fn databases(&self, page: &mut Page) {
        let service = &self.service;
        let sealer = service.sealer.as_ref();
        let sides: [(&str, Option<&Store>); 8] = [
            ("query", Some(&service.query)),
            ("looks", Some(&service.door.looks)),
            ("looks-together", Some(service.door.together.store())),
            ("answers", Some(service.door.answers.store())),
            ("intake", Some(&service.intake)),
            ("upkeep", Some(&service.upkeep)),
            ("notifier", Some(&service.notifier.store)),
            ("sealer", sealer.map(|sealer| &sealer.store)),
        ];
        for (side, store) in sides {
            let Some(store) = store else {
                continue;
            };
            let (pool, measures) = (store.pool_use(), store.measures());
            page.whole(&DATABASE_MAX, &[side], i64::from(pool.most));
            page.whole(&DATABASE_CONNECTIONS, &[side], i64::from(pool.connections));
            page.whole(&DATABASE_IDLE, &[side], i64::from(pool.idle));
            page.whole(&DATABASE_WAITING, &[side], measures.waiting.value());
            page.spread(&DATABASE_WAIT, &[side], measures.wait.spread());
            page.spread(&DATABASE_WORK, &[side], measures.work.spread());
            for (reason, count) in measures.failures.values() {
                page.count(&DATABASE_FAILURES, &[side, reason], count);
            }
        }
    }

    fn disclosure(&self, page: &mut Page) {
        let door = &self.service.door;
        let answers = door.answers.measures();
        for (step, times) in [
            ("wait", &door.measures.wait),
            ("statement", &door.measures.statement),
            ("answer-queue", &answers.queue),
            ("answer-commit", &answers.commit),
        ] {
            page.spread(&DISCLOSURE, &[step], times.spread());
        }
        page.spread(&LOOKS_TOGETHER, &[], door.together.sizes().spread());
        page.whole(&ANSWERS_WAITING, &[], answers.waiting.value());
        page.spread(&ANSWERS_TOGETHER, &[], answers.together.spread());
        page.whole(&ANSWERS_WRITER, &[], i64::from(door.answers.are_written()));
    }

    fn refusals(&self, page: &mut Page) {
        let service = &self.service;
        page.counts(&REFUSALS, &service.security_log.refused.values());
        page.counts(&FINDINGS, &service.door.budgets.found.values());
        page.counts(&TOKENS, &service.metrics.tokens.values());
        let issuers = service.followed_keys.as_deref();
        for (of, stand) in service.key_sets.standing(issuers, service.clock.now()) {
            page.size(&KEY_SETS, &[of], stand.followed);
            page.size(&KEY_SETS_UNTRUSTED, &[of], stand.untrusted);
            if let Some(age) = stand.oldest {
                page.whole(&KEY_SETS_AGE, &[of], age.num_seconds());
            }
        }
    }

    fn others(&self, page: &mut Page) {
        let service = &self.service;
        for (outcome, times) in service.matching.demographics.calls() {
            page.spread(&DEMOGRAPHICS, &[outcome], times);
        }
        page.counts(&NOTIFICATIONS, &service.notifier.told.values());
        if let Some(inbox) = &service.inbox {
            page.counts(&MESH_RECEIVED, &inbox.finished.values());
            page.counts(&MESH_SENT, &inbox.sent());
        }
        if let Some(sealer) = &service.sealer {
            page.counts(&SEALING_ROUNDS, &sealer.rounds.values());
            if let Some(signed_at) = sealer.rounds.signed_at() {
                let age = service.clock.now().signed_duration_since(signed_at);
                page.whole(&CHECKPOINT_AGE, &[], age.num_seconds());
            }
        }
    }
}
