// A query never takes more than its budget, whatever it is asked.
#include <ctime>

#include "tests/pattern/query.h"

using namespace hocket;

namespace {

struct Spent {
  bool exhausted = false;
  std::size_t events = 0;
  double seconds = 0;  // of the processor: a busy machine takes longer
};

Spent ask(const Pattern& p, const TimeSpan& span = {0, 1}) {
  QueryContext context;
  context.budget = 1 << 17;
  const auto begin = std::clock();
  const Events events = p.query(span, context);
  return {context.exhausted, events.size(), static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC};
}

}  // namespace

TEST_CASE("hostile patterns end soon and say that they are incomplete") {
  const std::string code =
      GENERATE(as<std::string>{}, R"("a*10000000")", R"("a*1e12")", R"("a" $ fast 1e12)", R"("a b" $ fast 1e12 $ fast 1e12)",
               R"("a" $ ply 1e9)", R"(s "a" $ chop 1e9)", R"(s "a" $ striate 1e9)", R"("a" $ segment 1e9)", R"(run 1e9)", R"("0 .. 1e12")",
               R"(saw $ segment 1e9)", R"("a" $ stutter 1e9 0.1)", R"("a" $ echoWith 1e9 0.1 rev)", R"("a" $ soak 1e9 rev)",
               R"("a" $ plyWith 1e9 rev)", R"("a" $ shuffle 1e9)", R"("a" $ scramble 1e9)", R"-("a(3,1000000000)")-",
               R"("a" $ euclid 3 1e9)", R"("[a*1e6 ~*1e9]*1e6" $ mask "1*1e9")", R"("[~ ~]*1e12" $ rev)", R"("a*1000000" $ ply 1000000)",
               R"("[[[[[[[[[[[[[[[[[[[[a*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]*9]")", R"("a" $ ribbon 0 1e-9)",
               R"(s "a" $ stut 1e9 0.5 0.1)", R"("a" $ struct "1*1e9")", R"("1*1e6" + "1*1e6")", R"("a" $ compress 0 1e-6 $ fast 1e12)",
               R"("0*1000000" $ squeeze ["a*1000000"])", R"-("a(<1 2>*1000000,1024)")-", R"("a" $ every "<1 2>*1e9" rev)",
               R"("a" $ rolledBy "1*1e9")", R"(binaryN 5 1e9)", R"("a" $ spin 1e9)");
  INFO(code);
  const Spent spent = ask(test::expression(code));
  CHECK(spent.exhausted);
  CHECK(spent.events <= std::size_t{1} << 17);
  CHECK(spent.seconds < 5);
}

TEST_CASE("a fast rest costs work but gives nothing") {
  const Spent spent = ask(test::expression(R"("~*1e12" $ rev)"));
  CHECK(spent.events == 0);
}

TEST_CASE("functions that double their pattern twenty times over stay within the budget") {
  Pattern p = test::mini("a*16");
  const FunctionRow* superimpose = find_function("superimpose");
  for (int i = 0; i < 40; ++i) {
    const std::vector<Arg> args{
        {PatternFunction([](const Pattern& q) { return combine("+", Structure::left, q, Pattern::pure(Value(1))); })}, {p}};
    p = superimpose->body(args);
  }
  const Spent spent = ask(p);
  CHECK(spent.exhausted);
  CHECK(spent.seconds < 5);
  int words = 0;
  p.each_word([&](const std::string&, Span) { ++words; });
  CHECK(words == 1);
}

TEST_CASE("a pattern nested without end neither overflows the stack nor answers") {
  Pattern p = test::mini("a b");
  const FunctionRow* rev = find_function("rev");
  for (int i = 0; i < 100000; ++i) {
    const Arg subject{p};
    p = rev->body({&subject, 1});
  }
  CHECK(ask(p).exhausted);
}

TEST_CASE("a hundred transforms on each other still answer") {
  Pattern p = test::mini("a b c");
  const FunctionRow* rev = find_function("rev");
  for (int i = 0; i < 100; ++i) {
    const Arg subject{p};
    p = rev->body({&subject, 1});
  }
  CHECK(test::events(p) == "0..1/3 a | 1/3..2/3 b | 2/3..1 c");
}

TEST_CASE("a smaller budget gives a beginning and says so") {
  QueryContext context;
  context.budget = 10;
  const Events events = test::mini("a*100").query({0, 1}, context);
  CHECK(events.size() == 10);
  CHECK(context.exhausted);
}

TEST_CASE("a query far from cycle 0 is as quick and as exact as one near it") {
  const Pattern p = test::expression(R"("<a b c>(3,8) d" $ every 3 rev $ off 1/8 (ply 2))");
  QueryContext context;
  const Rational far = Rational(3) * 1000000007;
  const Events near_events = p.query({0, 3}, context);
  const Events far_events = p.query({far, far + 3}, context);
  REQUIRE(near_events.size() == far_events.size());
  for (std::size_t i = 0; i < near_events.size(); ++i) CHECK(far_events[i].part.begin - far == near_events[i].part.begin);
}
