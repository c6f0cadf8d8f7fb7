/*
 * The files of the page, put into the program by the assembler.  The paths
 * are relative to the folder that make runs in; the Makefile knows that
 * this object depends on them.
 */
#include "sim/page.h"

#define NPM "build/deps/page/node_modules/"

/* An asset: where it is served, its type, and the file it comes from. */
#define PAGE_ASSETS(A)                                                         \
	A(index, "/", "text/html; charset=utf-8", "app/sim/page/index.html")   \
	A(style, "/page/style.css", "text/css; charset=utf-8",                 \
	    "app/sim/page/style.css")                                          \
	A(cards_css, "/page/cards.css", "text/css; charset=utf-8",             \
	    "app/sim/page/cards.css")                                          \
	A(gallery, "/cards", "text/html; charset=utf-8",                       \
	    "app/sim/page/gallery.html")                                       \
	A(gallery_css, "/page/gallery.css", "text/css; charset=utf-8",         \
	    "app/sim/page/gallery.css")                                        \
	A(gallery_js, "/page/gallery.js", JS, "app/sim/page/gallery.js")       \
	A(editor_js, "/page/editor.js", JS, "app/sim/page/editor.js")          \
	A(hosts_js, "/page/hosts.js", JS, "app/sim/page/hosts.js")             \
	A(app, "/page/app.js", JS, "app/sim/page/app.js")                      \
	A(chat, "/page/chat.js", JS, "app/sim/page/chat.js")                   \
	A(compose, "/page/compose.js", JS, "app/sim/page/compose.js")          \
	A(cards, "/page/cards.js", JS, "app/sim/page/cards.js")                \
	A(traffic, "/page/traffic.js", JS, "app/sim/page/traffic.js")          \
	A(text, "/page/text.js", JS, "app/sim/page/text.js")                   \
	A(serial, "/page/serial.js", JS, "app/sim/page/serial.js")             \
	A(theme, "/page/theme.js", JS, "app/sim/page/theme.js")                \
	A(hosts, "/page/hostconfig.json", "application/json",                  \
	    "app/sim/page/hostconfig.json")                                    \
	A(phone, "/connect", "text/html; charset=utf-8",                       \
	    "app/sim/page/connect.html")                                       \
	A(phone_css, "/page/connect.css", "text/css; charset=utf-8",           \
	    "app/sim/page/connect.css")                                        \
	A(phone_js, "/page/connect.js", JS, "app/sim/page/connect.js")         \
	A(icon, "/page/icon.svg", "image/svg+xml", "app/sim/page/icon.svg")    \
	A(lib_cards, "/page/adaptivecards.js", JS,                             \
	    NPM "adaptivecards/dist/adaptivecards.min.js")                     \
	A(lib_marks, "/page/markdown-it.js", JS,                               \
	    NPM "markdown-it/dist/markdown-it.min.js")                         \
	A(lic_notes, "/LICENSES", "about", "app/sim/page/notices.txt")         \
	A(lic_cards, "/LICENSES", "adaptivecards",                             \
	    NPM "adaptivecards/LICENSE")                                       \
	A(lic_marks, "/LICENSES", "markdown-it", NPM "markdown-it/LICENSE")    \
	A(lic_entities, "/LICENSES", "entities", NPM "entities/LICENSE")       \
	A(lic_linkify, "/LICENSES", "linkify-it", NPM "linkify-it/LICENSE")    \
	A(lic_mdurl, "/LICENSES", "mdurl", NPM "mdurl/LICENSE")                \
	A(lic_punycode, "/LICENSES", "punycode.js",                            \
	    NPM "punycode.js/LICENSE-MIT.txt")                                 \
	A(lic_ucmicro, "/LICENSES", "uc.micro", NPM "uc.micro/LICENSE.txt")

#define JS "text/javascript; charset=utf-8"

#define PAGE_BYTES(name, path, type, file)                                     \
	__asm__(".pushsection .rodata\n"                                       \
		"page_" #name "_begin:\n"                                      \
		".incbin \"" file "\"\n"                                       \
		"page_" #name "_end:\n"                                        \
		".byte 0\n"                                                    \
		".popsection\n");                                              \
	extern const char page_##name##_begin[]                                \
	    __attribute__((visibility("hidden")));                             \
	extern const char page_##name##_end[]                                  \
	    __attribute__((visibility("hidden")));
PAGE_ASSETS(PAGE_BYTES)
#undef PAGE_BYTES

#define PAGE_ROW(name, path, type, file)                                       \
	{path, type, page_##name##_begin, page_##name##_end},
const struct page_asset page_assets[] = {PAGE_ASSETS(PAGE_ROW)};
#undef PAGE_ROW
const size_t page_nassets = sizeof page_assets / sizeof *page_assets;
