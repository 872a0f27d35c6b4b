const prompt = `You answer ${name}: ${`${a}`} \` /* */`; // "
class P { private readonly prompt = "field\u{1F600}"; re = /["`]/g; }
