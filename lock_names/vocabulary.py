"""Words of hotels that mean the same in eight languages, storeys and sides in more: what rooms are named after, places
in the house.

Only where a lock and a room are compared word by word, and never alone: a gap costs a click.
"""

from lock_names import words as say
from lock_names.words import folded

_SAME = """
red rot rote roter rouge rojo roja rosso rossa rood rode vermelho vermelha czerwony czerwona
blue blau blaue blauer bleu bleue azul blu azzurro azzurra blauw blauwe niebieski niebieska
green grün grüne grüner vert verte verde groen groene zielony zielona
yellow gelb gelbe jaune amarillo amarilla giallo gialla geel gele amarelo amarela żółty żółta
white weiß weiss weiße blanc blanche blanco blanca bianco bianca wit witte branco branca biały biała
black schwarz schwarze noir noire negro negra nero nera zwart zwarte preto preta czarny czarna
pink rosa roze różowy
orange arancione oranje naranja laranja pomarańczowy
purple violet lila violett violette morado viola paars roxo fioletowy
brown braun brun brune marrón marrone bruin marrom brązowy
grey gray grau gris grigio grijs cinza szary
gold golden or oro goud gouden ouro dorado dorada złoty
silver silber argent plata argento zilver prata srebrny
spring frühling printemps primavera lente wiosna
summer sommer été estate verano zomer verão lato
autumn fall herbst automne otoño autunno herfst outono jesień
winter hiver invierno inverno zima
january januar jänner janvier enero gennaio januari janeiro styczeń
february februar février febrero febbraio februari fevereiro luty
march märz mars marzo maart março marzec
april avril abril aprile kwiecień
may mai mayo maggio mei maio maj
june juni juin junio giugno junho czerwiec
july juli juillet julio luglio julho lipiec
august août agosto augustus sierpień
september septembre septiembre settembre setembro wrzesień
october oktober octobre octubre ottobre outubro październik
november novembre noviembre novembro listopad
december dezember décembre diciembre dicembre dezembro grudzień
monday montag lundi lunes lunedì maandag segunda poniedziałek
tuesday dienstag mardi martes martedì dinsdag terça wtorek
wednesday mittwoch mercredi miércoles mercoledì woensdag quarta środa
thursday donnerstag jeudi jueves giovedì donderdag quinta czwartek
friday freitag vendredi viernes venerdì vrijdag sexta piątek
saturday samstag samedi sábado sabato zaterdag sobota
sunday sonntag dimanche domingo domenica zondag niedziela
mercury merkur mercure mercurio mercurius mercúrio merkury
venus vénus venere wenus
earth erde terre tierra terra aarde ziemia
mars marte
jupiter júpiter giove jowisz
saturn saturne saturno saturnus
uranus urano
neptune neptun neptuno nettuno neptunus netuno
wind vent viento vento wiatr
rain regen pluie lluvia pioggia chuva deszcz
snow schnee neige nieve neve sneeuw śnieg
rainbow regenbogen arcobaleno arcoíris regenboog tęcza
cloud wolke nuage nube nuvola wolk nuvem chmura
fire feuer feu fuego fuoco vuur fogo ogień
water wasser eau agua acqua água woda
air luft lucht powietrze
dawn morgenröte aube alba amanecer dageraad aurora świt
ruby rubin rubis rubí rubino robijn rubim
sapphire saphir zafiro zaffiro saffier safira szafir
emerald smaragd émeraude esmeralda smeraldo szmaragd
amber bernstein ambre ámbar ambra barnsteen âmbar bursztyn
pearl perle perla parel pérola perła
diamond diamant diamante diamante diament
topaz topas topaze topacio topazio topázio
amethyst améthyste amatista ametista ametyst
sun sonne soleil sol sole zon słońce
moon mond lune luna maan lua księżyc
star stern étoile estrella stella ster estrela gwiazda
sky himmel ciel cielo hemel céu niebo
sea meer mer mar mare zee morze
lake see lac lago meer jezioro
river fluss rivière río fiume rivier rio rzeka
mountain berg montagne montaña montagna montanha góra
forest wood wald forêt bosque bosco bos floresta las
garden gdn garten jardin jardín giardino tuin jardim ogród
terrace terrasse terraza terrazza terras terraço taras
balcony balkon balcon balcón balcone balcão varanda
courtyard hof cour patio cortile binnenplaats pátio podwórko
street straße strasse rue calle via straat rua ulica
small little klein kleine petit petite pequeño pequeña piccolo piccola kleine pequeno pequena mały mała
large big great gross groß große grand grande groot grote duży duża
old alt alte vieux vieille viejo vieja vecchio vecchia oud oude velho velha stary stara
view vista vue blick aussicht ausblick uitzicht widok výhled utsikt udsigt näköala kilátás manzara pogled θέα вид
women woman female girls ladies lady damen frauen mädchen femmes filles mujeres mujer chicas femenino donne ragazze \
femminile vrouwen dames mulheres feminino kobiety damski ženy kvinder damer naiset kadın
men male boys herren männer hommes hombres chicos uomini mannen homens muži mężczyźni mænd män menn miehet erkek
mixed gemischt mixte mixto mista misto gemengd misti mieszany blandet blandad sekahuone karma
private privat privé privée privada privado privata privato privada prywatny soukromý yksityinen
king könig roi rey re koning rei król
queen königin reine reina regina koningin rainha królowa
rose rosen rosa roos róża
lavender lavendel lavande lavanda lawenda
tulip tulpe tulipe tulipán tulipano tulp tulipa tulipan
sunflower sonnenblume tournesol girasol girasole zonnebloem słonecznik
poppy mohn coquelicot amapola papavero klaproos papoula mak
daisy gänseblümchen marguerite margarita margherita madeliefje margarida stokrotka
violet veilchen violette violeta viola viooltje fiołek
lily lilie lys lirio giglio lelie lírio lilia
iris schwertlilie
orchid orchidee orchidée orquídea orchidea orchidee orchidea
jasmine jasmin jazmín gelsomino jasmijn jasmim jaśmin
oak eiche chêne roble quercia eik carvalho dąb
beech buche hêtre haya faggio beuk faia buk
birch birke bouleau abedul betulla berk bétula brzoza
lime linden linde tilleul tilo tiglio linde tília lipa
maple ahorn érable arce acero esdoorn bordo klon
ash esche frêne fresno frassino es freixo jesion
pine kiefer pin pino den pinheiro sosna
fir spruce tanne fichte sapin abeto abete spar abeto jodła świerk
willow weide saule sauce salice wilg salgueiro wierzba
chestnut kastanie châtaignier castaño castagno kastanje castanheiro kasztan
walnut nut nuss walnuss noyer nogal noce notenboom nogueira orzech
olive olivenbaum olivier olivo ulivo olijf oliveira oliwka
pomegranate granatapfel grenade grenadier granado granada melograno granaatappel romã granat
almond mandel amande amandier almendro almendra mandorlo mandorla amandel amendoeira migdał
peach pfirsich pêche pêcher melocotón melocotonero pesco pesca perzik pessegueiro brzoskwinia
plum pflaume prune prunier ciruelo ciruela prugno prugna susino pruim ameixeira śliwka
orange apfelsine oranger naranjo arancio laranjeira pomarańcza
quince quitte coing cognassier membrillo melocotogno kweepeer marmeleiro pigwa
mulberry maulbeere mûre mûrier morera gelso moerbei amoreira morwa
strawberry erdbeere fraise fresa fragola aardbei morango truskawka poziomka
blueberry heidelbeere myrtille arándano mirtillo bosbes mirtilo jagoda borówka
raspberry himbeere framboise frambuesa lampone framboos framboesa malina
hazelnut haselnuss hasel noisette noisetier avellano avellana nocciolo nocciola hazelaar avelã leszczyna orzeszek
cypress zypresse cyprès ciprés cipresso cipres cipreste cyprys
poplar pappel peuplier álamo chopo pioppo populier choupo topola
elm ulme orme olmo iep ulmeiro wiąz
larch lärche mélèze alerce larice lariks lariço modrzew
juniper wacholder genévrier enebro ginepro jeneverbes zimbro jałowiec
holly stechpalme houx acebo agrifoglio hulst azevinho ostrokrzew
palm palme palmier palmera palma palmeira
laurel lorbeer laurier alloro lauro louro wawrzyn bay
rosemary rosmarin romarin romero rosmarino rozemarijn alecrim rozmaryn
thyme thymian thym tomillo timo tijm tomilho tymianek
sage salbei sauge salvia salie salva sálvia szałwia
mint minze menthe menta munt hortelã mięta
basil basilikum basilic albahaca basilico basilicum manjericão bazylia
oregano origan origano orégano oregão
fennel fenchel fenouil hinojo finocchio venkel funcho koper
parsley petersilie persil perejil prezzemolo peterselie salsa pietruszka
chamomile camomile kamille camomille manzanilla camomilla kamille camomila rumianek
clover klee trèfle trébol trifoglio klaver trevo koniczyna
ivy efeu lierre hiedra edera klimop hera bluszcz
wisteria glyzinie blauregen glycine glicinia glicine blauweregen glicínia wisteria
hydrangea hortensie hortensia hortensia ortensia hortênsia hortensja
broom ginster genêt retama ginestra brem giesta
heather heide bruyère brezo erica heide urze wrzos
peony pfingstrose pivoine peonía peonia pioen peónia piwonia
carnation nelke œillet clavel garofano anjer cravo goździk
cornflower kornblume bleuet aciano fiordaliso korenbloem chaber
snowdrop schneeglöckchen perce-neige campanilla bucaneve sneeuwklokje przebiśnieg
primrose primel primevère prímula primula sleutelbloem prímula pierwiosnek
buttercup butterblume bouton ranúnculo ranuncolo boterbloem jaskier
forget vergissmeinnicht myosotis nomeolvides nontiscordardimé vergeetmijnietje niezapominajka
honeysuckle geißblatt chèvrefeuille madreselva caprifoglio kamperfoelie madressilva
magnolia magnolie magnólia
camellia kamelie camélia camelia kamelia
geranium geranie géranium geranio gerânio pelargonia
marigold ringelblume souci caléndula calendula goudsbloem nagietek
daffodil narzisse narcisse jonquille narciso narcis żonkil
fern farn fougère helecho felce varen feto paproć
moss moos mousse musgo muschio mos mech
mushroom pilz champignon seta fungo paddenstoel cogumelo grzyb
cherry kirsche cerisier cerise cerezo ciliegio ciliegia kers cerejeira wiśnia
apple apfel pomme pommier manzana manzano mela melo appel macieira maçã jabłko
pear birne poire poirier pera peral pero peer pereira gruszka
fig feige figuier higuera fico vijg figueira figa
lemon zitrone citron limón limone citroen limão cytryna
fox fuchs renard zorro volpe vos raposa lis
wolf loup lobo lupo wilk
bear bär ours oso orso beer urso niedźwiedź
deer stag hirsch cerf ciervo cervo hert veado jeleń
doe roe reh chevreuil corzo capriolo ree corça sarna
hare hase lièvre liebre lepre haas lebre zając
rabbit kaninchen lapin conejo coniglio konijn coelho królik
squirrel eichhörnchen écureuil ardilla scoiattolo eekhoorn esquilo wiewiórka
hedgehog igel hérisson erizo riccio egel ouriço jeż
badger dachs blaireau tejón tasso das texugo borsuk
marten marder martre marta martora marter kuna
otter loutre nutria lontra wydra
beaver biber castor castoro bever bóbr
boar wildschwein sanglier jabalí cinghiale zwijn javali dzik
lynx luchs lince ryś
marmot murmeltier marmotte marmota marmotta świstak
ibex steinbock bouquetin íbice stambecco koziorożec
chamois gams gämse gamuza camoscio gems kozica
mouse maus souris ratón topo muis rato mysz
cat katze chat gato gatto kat kot
dog hund chien perro cane hond cão pies
horse pferd cheval caballo cavallo paard cavalo koń
eagle adler aigle águila aquila arend águia orzeł
owl eule uhu hibou chouette búho gufo uil coruja sowa
hawk habicht faucon halcón falco havik falcão jastrząb
falcon falke faucon halcón falco valk falcão sokół
buzzard bussard buse poiana buizerd myszołów
swallow schwalbe hirondelle golondrina rondine zwaluw andorinha jaskółka
swan schwan cygne cisne cigno zwaan łabędź
stork storch cigogne cigüeña cicogna ooievaar cegonha bocian
heron reiher héron garza airone reiger garça czapla
robin rotkehlchen rougegorge petirrojo pettirosso roodborst rudzik
woodpecker specht pic pivert picchio dzięcioł
capercaillie auerhahn tétras urogallo auerhoen głuszec
seagull gull möwe mouette gaviota gabbiano meeuw gaivota mewa
dolphin delfin dauphin delfín delfino dolfijn golfinho
bee biene abeille abeja ape bij abelha pszczoła
trout forelle truite trucha trota forel truta pstrąg
salmon lachs saumon salmón salmone zalm salmão łosoś
pike hecht brochet lucio luccio snoek lúcio szczupak
whale wal baleine ballena balena walvis baleia wieloryb
seal robbe phoque foca zeehond foka
turtle schildkröte tortue tortuga tartaruga schildpad żółw
frog frosch grenouille rana rana kikker rã żaba
snail schnecke escargot caracol lumaca slak caracol ślimak
goat ziege chèvre cabra capra geit koza
sheep schaf mouton oveja pecora schaap ovelha owca
lamb lamm agneau cordero agnello lam cordeiro jagnię
cow kuh vache vaca mucca koe krowa
pig schwein cochon cerdo maiale varken porco świnia
donkey esel âne burro asino ezel osioł
hen huhn henne poule gallina kip galinha kura
rooster cock hahn coq gallo haan galo kogut
duck ente canard pato anatra eend kaczka
goose gans oie ganso oca gęś
peacock pfau paon pavo pavone pauw pavão paw
blackbird amsel merle mirlo merlo merel melro kos
finch fink pinson pinzón fringuello vink tentilhão zięba
sparrow spatz sperling moineau gorrión passero mus pardal wróbel
nightingale nachtigall rossignol ruiseñor usignolo nachtegaal rouxinol słowik
lark lerche alouette alondra allodola leeuwerik cotovia skowronek
magpie elster pie urraca gazza ekster pega sroka
raven rabe corbeau cuervo corvo raaf kruk
cuckoo kuckuck coucou cuco cuculo koekoek kukułka
kingfisher eisvogel pêcheur pescatore ijsvogel zimorodek
lion löwe lion león leone leeuw leão lew
tiger tigre tijger tygrys
elephant elefant éléphant elefante olifant słoń
butterfly schmetterling papillon mariposa farfalla vlinder borboleta motyl
captain kapitän capitaine capitán capitano kapitein capitão kapitan
vienna wien vienne viena vídeň bécs wiedeń
munich münchen monaco múnich mnichov monachium
cologne köln keulen colonia colonha kolín
copenhagen københavn kopenhagen copenhague köpenhamn kodaň
lisbon lisboa lissabon lisbonne lisbona
geneva genf genève ginebra ginevra
rome roma rom řím rzym
milan milano mailand milán mediolan
florence firenze florenz florencia
venice venezia venedig venise venecia
naples napoli neapel nápoles
turin torino turín
prague praha prag praga
warsaw warszawa warschau varsovie varsovia varšava
cracow kraków krakau cracovie cracovia
brussels bruxelles brussel brüssel bruselas
antwerp antwerpen anvers amberes anversa
athens athína athen athènes atenas atene
moscow moskva moskau moscou moscú mosca
seville sevilla séville siviglia
zurich zürich zurigo
bucharest bucurești bukarest bucarest
belgrade beograd belgrad belgrado
london londres londra londen
paris parijs parigi paříž
beijing peking pékin pekín
honeymoon bridal bruids hochzeits flitterwochen nuptiale nozze nupcial
annex annexe anneks dependance nebenhaus hanare 離れ
eg erdgeschoss ground gf parterre rdc rc rez pt bajos bajo bxs baixo terra terreno begane bg \
hs parter st stuen stue fszt földszint přízemí 0
dg dachgeschoss dachzimmer attic atico àtic ático mansarde mansarda sottotetto zolder sótão poddasze \
podkroví podkrovie potkrovlje mansarda tetőtér ullakko vind vindsvåning kvist çatı σοφίτα мансарда
basement bsmt souterrain kg ug keller sótano seminterrato kelder cave suterena kl kælder kjeller källare \
suterén suteren alagsor pince kellari bodrum υπόγειο
upper up upstairs top oben obere oberes haut arriba alto sopra boven cima górny górna
lower down dn downstairs bottom unten untere bas abajo basso sotto beneden baixo dolny dolna
front vorne vorn vorder vorderhaus vh devant avant delante davanti voor frente frt przód
rear back hinten hinter hinterhaus hh arrière atrás dietro achter trás fundos fds tył
middle centre center mitte mi milieu centro ctro medio midden meio środek mf midt mitten
side seite seitenflügel seitenhaus sf lado lato côté zijde
n north nord norte noord północ kita
s south süd sud sur sul zuid południe minami
e east ost est este leste oost wschód higashi
w west ouest oeste ovest zachód nishi
left tv venstre vänster bal links li lks gauche izquierda izq izda sinistra sx linker esquerdo esquerda esq lewy lewa
right th højre høyre höger jobb rechts re rts droite derecha dcha destra dx rechter direito direita dto prawy prawa
"""
_OF_KINDS = {word: f"kind {kind}" for word, kind in say.KINDS.items() if kind not in ("villa", "cabin", "apartment")}
"""A lodge is no pod, and may be another house."""


def _rows() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _SAME.split("\n"):
        row = " ".join(folded(word) for word in line.split())
        for word in row.split():
            found.setdefault(word, set()).add(row)
    for word, kind in _OF_KINDS.items():
        found.setdefault(word, set()).add(kind)
    return {word: frozenset(rows) for word, rows in found.items()}


_MEANINGS = _rows()
_NONE: frozenset[str] = frozenset()


def meanings(word: str) -> frozenset[str]:
    """What a folded word may mean: two words of which one meaning is the same may be translations."""
    return _MEANINGS.get(word, _NONE)
