/*
 * Faults on demand: the next so many calls to a resource are answered with
 * an error, late, or not at all; the next so many deliveries are dropped,
 * late, repeated or wrongly signed.  Guarded by sim->mu.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"

#define FAULT_MAX 100

enum fault_cut { FAULT_CUT_NO, FAULT_CUT_BEFORE, FAULT_CUT_AFTER };

/* What is to be done with one call or delivery. */
struct fault {
	int status; /* 0: the call is carried out */
	char retry_after[64];
	char message[256];
	int delay_ms;
	enum fault_cut cut; /* of a delivery, "before": not sent */
	bool html;
	int repeat;   /* deliveries: sent so many times, 1: as usual */
	bool badsign; /* deliveries: the signature is wrong */
};

struct faults;

struct faults *faults_new(void);
void faults_free(struct faults *f);
void faults_clear(struct faults *f);

/* Add one, as in POST /sim/faults; 0 or -1. */
int faults_add(struct faults *f, const struct json *spec, struct err *e);
/* Append the list that is left, as JSON. */
void faults_list(const struct faults *f, struct buf *out);

/* A call, or a delivery: "deliveries", "POST" and where it goes. */
struct fault_call {
	const char *what, *method, *path, *query;
	bool bot;
};

/* The first fault that fits a call, used up once; false: none. */
bool faults_take(
    struct faults *f, const struct fault_call *c, struct fault *out);

#endif
