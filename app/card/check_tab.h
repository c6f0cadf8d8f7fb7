/*
 * Adaptive Cards 1.3 as tables: types, their members, what values they take,
 * the version that brought them when it is later than 1.3, and whether Webex
 * draws them.  Included by check.c only.
 */

/* Where a type may stand; a mask. */
enum {
	IN_CARD = 1,     /* the whole, and the card of Action.ShowCard */
	IN_BODY = 2,     /* elements */
	IN_COLUMNS = 4,  /* columns of a ColumnSet */
	IN_IMAGES = 8,   /* images of an ImageSet */
	IN_INLINES = 16, /* inlines of a RichTextBlock */
	IN_ACTIONS = 32, /* buttons */
	IN_SELECT = 64,  /* selectAction, inlineAction */
	IN_FACTS = 128,
	IN_CHOICES = 256,
	IN_SOURCES = 512,
	IN_BACKGROUND = 1024,
	IN_TARGETS = 2048,
};

/* What a member may be. */
enum check_kind {
	K_TEXT,
	K_BOOL,
	K_BOOL_OR_NULL,
	K_NUMBER,
	K_ENUM,   /* one of `values`, in any case */
	K_URI,    /* an address */
	K_IMAGE,  /* the address of an image: https */
	K_COLOR,  /* #RRGGBB or #AARRGGBB */
	K_PIXELS, /* 50px */
	K_SIZE,   /* one of `values`, or 50px */
	K_WIDTH,  /* auto, stretch, 50px, or a weight */
	K_DATE,   /* 2024-02-29 */
	K_TIME,   /* 10:30 */
	K_REGEX,
	K_ID,
	K_INPUT_ID, /* not empty */
	K_VERSION,
	K_REQUIRES, /* an object of texts */
	K_DATA,     /* an object, or a text */
	K_ONE,      /* an object of a type that may stand `in` */
	K_LIST,     /* a list of them */
	K_LIST_OR_TEXTS,
	K_FALLBACK,   /* one, or "drop" */
	K_BACKGROUND, /* an image's address, or a BackgroundImage */
	K_ANY,
};

#define REQUIRED 1
#define NO_WEBEX 2 /* Webex does not draw it */

struct check_member {
	const char *name;
	enum check_kind kind;
	int flags;
	const char *values; /* blanks around each */
	int in;
	int since; /* 14 for 1.4; 0: within 1.3 */
};

struct check_type {
	const char *name;
	int in;
	int flags; /* NO_WEBEX */
	int since;
	const struct check_member *const *members; /* groups, NULL-ended */
};

#define V_COLOR " default dark light accent good warning attention "
#define V_CONTAINER " default emphasis good attention warning accent "
#define V_FONT " default monospace "
#define V_FONT_SIZE " default small medium large extraLarge "
#define V_WEIGHT " default lighter bolder "
#define V_HORIZONTAL " left center right "
#define V_VERTICAL " top center bottom "
#define V_IMAGE_SIZE " auto stretch small medium large "
#define V_SPACING " default none small medium large extraLarge padding "
#define V_HEIGHT " auto stretch "

#define M(name, kind)                                                          \
	{                                                                      \
		name, kind, 0, NULL, 0, 0                                      \
	}
#define MR(name, kind)                                                         \
	{                                                                      \
		name, kind, REQUIRED, NULL, 0, 0                               \
	}
#define ME(name, values)                                                       \
	{                                                                      \
		name, K_ENUM, 0, values, 0, 0                                  \
	}
#define MO(name, kind, in)                                                     \
	{                                                                      \
		name, kind, 0, NULL, in, 0                                     \
	}
#define MRO(name, kind, in)                                                    \
	{                                                                      \
		name, kind, REQUIRED, NULL, in, 0                              \
	}
#define MW(name, kind, values)                                                 \
	{                                                                      \
		name, kind, NO_WEBEX, values, 0, 0                             \
	}
#define NEW(name, since)                                                       \
	{                                                                      \
		name, K_ANY, 0, NULL, 0, since                                 \
	}
#define END                                                                    \
	{                                                                      \
		NULL, K_ANY, 0, NULL, 0, 0                                     \
	}

/* -- groups of members -- */

static const struct check_member m_element[] = {
    M("id", K_ID),
    M("isVisible", K_BOOL),
    M("requires", K_REQUIRES),
    MO("fallback", K_FALLBACK, IN_BODY),
    M("separator", K_BOOL),
    ME("spacing", V_SPACING),
    END,
};
static const struct check_member m_height[] = {ME("height", V_HEIGHT), END};

static const struct check_member m_input[] = {
    MR("id", K_INPUT_ID),
    M("isVisible", K_BOOL),
    M("requires", K_REQUIRES),
    MO("fallback", K_FALLBACK, IN_BODY),
    ME("height", V_HEIGHT),
    M("separator", K_BOOL),
    ME("spacing", V_SPACING),
    M("label", K_TEXT),
    M("isRequired", K_BOOL),
    M("errorMessage", K_TEXT),
    NEW("labelPosition", 16),
    NEW("labelWidth", 16),
    NEW("inputStyle", 16),
    END,
};

static const struct check_member m_action[] = {
    M("title", K_TEXT),
    M("iconUrl", K_IMAGE),
    M("id", K_ID),
    ME("style", " default positive destructive "),
    MO("fallback", K_FALLBACK, IN_ACTIONS),
    M("requires", K_REQUIRES),
    NEW("tooltip", 15),
    NEW("isEnabled", 15),
    NEW("mode", 15),
    NEW("role", 16),
    END,
};

/* What any container of elements may have. */
static const struct check_member m_container[] = {
    MO("selectAction", K_ONE, IN_SELECT),
    ME("style", V_CONTAINER),
    M("bleed", K_BOOL),
    M("minHeight", K_PIXELS),
    END,
};
static const struct check_member m_background[] = {
    M("backgroundImage", K_BACKGROUND),
    ME("verticalContentAlignment", V_VERTICAL),
    NEW("rtl", 15),
    END,
};

static const struct check_member m_font[] = {
    MR("text", K_TEXT),
    ME("color", V_COLOR),
    ME("fontType", V_FONT),
    M("isSubtle", K_BOOL),
    ME("size", V_FONT_SIZE),
    ME("weight", V_WEIGHT),
    END,
};

/* -- members of one type -- */

static const struct check_member m_card[] = {
    MR("version", K_VERSION),
    MO("body", K_LIST, IN_BODY),
    MO("actions", K_LIST, IN_ACTIONS),
    MO("selectAction", K_ONE, IN_SELECT),
    MW("fallbackText", K_TEXT, NULL),
    M("backgroundImage", K_BACKGROUND),
    M("minHeight", K_PIXELS),
    MW("speak", K_TEXT, NULL),
    M("lang", K_TEXT),
    MW("verticalContentAlignment", K_ENUM, V_VERTICAL),
    M("$schema", K_URI),
    NEW("refresh", 14),
    NEW("authentication", 14),
    NEW("rtl", 15),
    NEW("metadata", 16),
    END,
};
static const struct check_member m_text_block[] = {
    ME("horizontalAlignment", V_HORIZONTAL),
    M("maxLines", K_NUMBER),
    M("wrap", K_BOOL),
    NEW("style", 15),
    END,
};
static const struct check_member m_rich_text[] = {
    MRO("inlines", K_LIST_OR_TEXTS, IN_INLINES),
    ME("horizontalAlignment", V_HORIZONTAL),
    END,
};
static const struct check_member m_text_run[] = {
    M("italic", K_BOOL),
    M("highlight", K_BOOL),
    M("strikethrough", K_BOOL),
    M("underline", K_BOOL),
    MO("selectAction", K_ONE, IN_SELECT),
    END,
};
static const struct check_member m_image[] = {
    MR("url", K_IMAGE),
    M("altText", K_TEXT),
    M("backgroundColor", K_COLOR),
    {"height", K_SIZE, 0, V_HEIGHT, 0, 0},
    M("width", K_PIXELS),
    ME("horizontalAlignment", V_HORIZONTAL),
    MO("selectAction", K_ONE, IN_SELECT),
    ME("size", V_IMAGE_SIZE),
    ME("style", " default person "),
    NEW("forceLoad", 16),
    END,
};
static const struct check_member m_image_set[] = {
    MRO("images", K_LIST, IN_IMAGES),
    ME("imageSize", V_IMAGE_SIZE),
    NEW("style", 16),
    END,
};
static const struct check_member m_media[] = {
    MRO("sources", K_LIST, IN_SOURCES),
    M("poster", K_IMAGE),
    M("altText", K_TEXT),
    NEW("captionSources", 16),
    END,
};
static const struct check_member m_source[] = {
    MR("mimeType", K_TEXT),
    MR("url", K_URI),
    END,
};
static const struct check_member m_items[] = {
    MRO("items", K_LIST, IN_BODY),
    END,
};
static const struct check_member m_column_set[] = {
    MO("columns", K_LIST, IN_COLUMNS),
    ME("horizontalAlignment", V_HORIZONTAL),
    MW("height", K_ENUM, V_HEIGHT),
    END,
};
static const struct check_member m_column[] = {
    MO("items", K_LIST, IN_BODY),
    M("width", K_WIDTH),
    M("id", K_ID),
    M("isVisible", K_BOOL),
    M("requires", K_REQUIRES),
    MO("fallback", K_FALLBACK, IN_COLUMNS),
    M("separator", K_BOOL),
    ME("spacing", V_SPACING),
    END,
};
static const struct check_member m_fact_set[] = {
    MRO("facts", K_LIST, IN_FACTS),
    END,
};
static const struct check_member m_pair[] = {
    MR("title", K_TEXT),
    MR("value", K_TEXT),
    END,
};
static const struct check_member m_action_set[] = {
    MRO("actions", K_LIST, IN_ACTIONS),
    END,
};
static const struct check_member m_input_text[] = {
    M("isMultiline", K_BOOL),
    M("maxLength", K_NUMBER),
    M("placeholder", K_TEXT),
    M("regex", K_REGEX),
    {"style", K_ENUM, 0, " text tel url email ", 0, 0},
    MO("inlineAction", K_ONE, IN_SELECT),
    M("value", K_TEXT),
    END,
};
static const struct check_member m_input_number[] = {
    M("min", K_NUMBER),
    M("max", K_NUMBER),
    M("value", K_NUMBER),
    M("placeholder", K_TEXT),
    END,
};
static const struct check_member m_input_date[] = {
    M("min", K_DATE),
    M("max", K_DATE),
    M("value", K_DATE),
    M("placeholder", K_TEXT),
    END,
};
static const struct check_member m_input_time[] = {
    M("min", K_TIME),
    M("max", K_TIME),
    M("value", K_TIME),
    M("placeholder", K_TEXT),
    END,
};
static const struct check_member m_input_toggle[] = {
    MR("title", K_TEXT),
    M("value", K_TEXT),
    M("valueOn", K_TEXT),
    M("valueOff", K_TEXT),
    M("wrap", K_BOOL),
    END,
};
static const struct check_member m_input_choices[] = {
    MRO("choices", K_LIST, IN_CHOICES),
    M("isMultiSelect", K_BOOL),
    {"style", K_ENUM, 0, " compact expanded ", 0, 0},
    M("value", K_TEXT),
    M("placeholder", K_TEXT),
    M("wrap", K_BOOL),
    NEW("choices.data", 16),
    END,
};
static const struct check_member m_open_url[] = {
    MR("url", K_URI),
    END,
};
static const struct check_member m_submit[] = {
    M("data", K_DATA),
    ME("associatedInputs", " auto none "),
    END,
};
static const struct check_member m_show_card[] = {
    MO("card", K_ONE, IN_CARD),
    END,
};
static const struct check_member m_toggle[] = {
    MRO("targetElements", K_LIST_OR_TEXTS, IN_TARGETS),
    END,
};
static const struct check_member m_target[] = {
    MR("elementId", K_TEXT),
    M("isVisible", K_BOOL_OR_NULL),
    END,
};
static const struct check_member m_background_image[] = {
    MR("url", K_IMAGE),
    ME("fillMode", " cover repeatHorizontally repeatVertically repeat "),
    ME("horizontalAlignment", V_HORIZONTAL),
    ME("verticalAlignment", V_VERTICAL),
    END,
};

#define GROUPS(...) ((const struct check_member *const[]){__VA_ARGS__, NULL})
#define INPUT(own) GROUPS(m_input, own)
#define ELEMENT(...) GROUPS(m_element, m_height, __VA_ARGS__)

static const struct check_type check_types[] = {
    {"AdaptiveCard", IN_CARD, 0, 0, GROUPS(m_card)},
    {"TextBlock", IN_BODY, 0, 0, ELEMENT(m_font, m_text_block)},
    {"RichTextBlock", IN_BODY, 0, 0, ELEMENT(m_rich_text)},
    {"TextRun", IN_INLINES, 0, 0, GROUPS(m_font, m_text_run)},
    {"Image", IN_BODY | IN_IMAGES, 0, 0, GROUPS(m_element, m_image)},
    {"ImageSet", IN_BODY, 0, 0, ELEMENT(m_image_set)},
    {"Media", IN_BODY, NO_WEBEX, 0, ELEMENT(m_media)},
    {"MediaSource", IN_SOURCES, 0, 0, GROUPS(m_source)},
    {"Container", IN_BODY, 0, 0, ELEMENT(m_container, m_background, m_items)},
    {"ColumnSet", IN_BODY, 0, 0, GROUPS(m_element, m_container, m_column_set)},
    {"Column", IN_COLUMNS, 0, 0, GROUPS(m_column, m_container, m_background)},
    {"FactSet", IN_BODY, 0, 0, ELEMENT(m_fact_set)},
    {"Fact", IN_FACTS, 0, 0, GROUPS(m_pair)},
    {"ActionSet", IN_BODY, 0, 0, ELEMENT(m_action_set)},
    {"Input.Text", IN_BODY, 0, 0, INPUT(m_input_text)},
    {"Input.Number", IN_BODY, 0, 0, INPUT(m_input_number)},
    {"Input.Date", IN_BODY, 0, 0, INPUT(m_input_date)},
    {"Input.Time", IN_BODY, 0, 0, INPUT(m_input_time)},
    {"Input.Toggle", IN_BODY, 0, 0, INPUT(m_input_toggle)},
    {"Input.ChoiceSet", IN_BODY, 0, 0, INPUT(m_input_choices)},
    {"Input.Choice", IN_CHOICES, 0, 0, GROUPS(m_pair)},
    {"Action.OpenUrl", IN_ACTIONS | IN_SELECT, 0, 0,
	GROUPS(m_action, m_open_url)},
    {"Action.Submit", IN_ACTIONS | IN_SELECT, 0, 0, GROUPS(m_action, m_submit)},
    {"Action.ShowCard", IN_ACTIONS, 0, 0, GROUPS(m_action, m_show_card)},
    {"Action.ToggleVisibility", IN_ACTIONS | IN_SELECT, NO_WEBEX, 0,
	GROUPS(m_action, m_toggle)},
    {"TargetElement", IN_TARGETS, 0, 0, GROUPS(m_target)},
    {"BackgroundImage", IN_BACKGROUND, 0, 0, GROUPS(m_background_image)},
    /* later than 1.3 */
    {"Action.Execute", IN_ACTIONS | IN_SELECT, 0, 14, NULL},
    {"Table", IN_BODY, 0, 15, NULL},
    {"TableRow", IN_BODY, 0, 15, NULL},
    {"TableCell", IN_BODY, 0, 15, NULL},
    {"Carousel", IN_BODY, 0, 16, NULL},
    {"CarouselPage", IN_BODY, 0, 16, NULL},
    {"Data.Query", IN_BODY, 0, 16, NULL},
};

/* Values that a later version brought. */
static const struct {
	const char *type;
	const char *member;
	const char *value;
	int since;
} check_new_values[] = {
    {"Input.Text", "style", "password", 15},
    {"Input.ChoiceSet", "style", "filtered", 15},
};
