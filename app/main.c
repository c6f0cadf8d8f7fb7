/* The program: everything else is in the library. */
#include <webexbot/webexbot.h>

int
main(int argc, char **argv)
{
	return wb_bot_main(wb_bot_new(), argc, argv);
}
