/* Signatures: the known vectors, and what must not pass. */
#include "unit/wb_test.h"

#include <ctype.h>

#include "base/json.h"
#include "net/verify.h"

static struct json *vectors;

static int
load(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	vectors = json_load("tests/data/payloads/signature-vectors.json",
	    1 << 20, false, NULL, &e);
	return vectors == NULL;
}

static int
unload(void **state)
{
	(void)state;
	json_free(vectors);
	return 0;
}

static void
test_verify_known_vectors(void **state)
{
	static const char *const names[] = {
	    "hmac_sha1_hex", "hmac_sha256_hex", "hmac_sha512_hex"};
	const struct json *v;
	size_t n = 0;
	int a;

	(void)state;
	for (v = json_first(json_get(vectors, "vectors")); v != NULL;
	     v = json_next(v), n++) {
		const char *body = json_get_str(v, "body");
		const char *secret = json_get_str(v, "secret");
		struct err e = ERR_INIT;

		for (a = 0; a < 3; a++) {
			const char *want = json_get_str(v, names[a]);
			struct verify *k;
			char hex[VERIFY_HEX_MAX];

			if (want == NULL)
				continue;
			assert_int_equal(
			    verify_hmac((enum verify_alg)a, secret,
				strlen(secret), body, strlen(body), hex),
			    0);
			assert_string_equal(hex, want);
			k = verify_new((enum verify_alg)a, secret, &e);
			assert_true(verify_ok(k, body, strlen(body), want));
			verify_free(k);
		}
	}
	assert_true(n >= 2);
}

static void
test_verify_rejects(void **state)
{
	static const char body[] = "{\"a\":1}";
	struct err e = ERR_INIT;
	struct verify *k = verify_new(VERIFY_SHA1, "new, old", &e);
	char good[VERIFY_HEX_MAX], bad[VERIFY_HEX_MAX + 8];
	size_t n = sizeof body - 1, i;

	(void)state;
	assert_non_null(k);
	for (i = 0; i < 2; i++) {
		const char *secret = i == 0 ? "new" : "old";

		verify_hmac(VERIFY_SHA1, secret, 3, body, n, good);
		assert_true(verify_ok(k, body, n, good));
		assert_false(verify_ok(k, body, n - 1, good));
		assert_false(verify_ok(k, "{\"a\": 1}", 8, good));
	}
	for (i = 0; good[i] != '\0'; i++) {
		strcpy(bad, good);
		bad[i] = bad[i] == '0' ? '1' : '0';
		assert_false(verify_ok(k, body, n, bad));
		strcpy(bad, good);
		bad[i] = 'g';
		assert_false(verify_ok(k, body, n, bad));
	}
	for (i = 0; good[i] != '\0'; i++)
		bad[i] = (char)toupper((unsigned char)good[i]);
	bad[i] = '\0';
	assert_true(verify_ok(k, body, n, bad));
	bad[38] = '\0';
	assert_false(verify_ok(k, body, n, bad));
	snprintf(bad, sizeof bad, "%s00", good);
	assert_false(verify_ok(k, body, n, bad));
	snprintf(bad, sizeof bad, "%s ", good);
	assert_false(verify_ok(k, body, n, bad));
	assert_false(verify_ok(k, body, n, ""));
	assert_false(verify_ok(k, body, n, "sha1="));
	verify_hmac(VERIFY_SHA256, "new", 3, body, n, good);
	assert_false(verify_ok(k, body, n, good));
	verify_free(k);
}

static void
test_verify_needs_a_secret(void **state)
{
	static const char *const none[] = {"", ",", " , "};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(none); i++) {
		struct err e = ERR_INIT;

		assert_null(verify_new(VERIFY_SHA1, none[i], &e));
		assert_string_equal(e.text, "the secret is empty");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_verify_known_vectors),
	    cmocka_unit_test(test_verify_rejects),
	    cmocka_unit_test(test_verify_needs_a_secret),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
