"""Notes as an LLM writes them, marked by hand as in test_truth: ⟦M …⟧, ⟦D …⟧, ⟦P …⟧, ⟦N …⟧."""

from dataclasses import replace

import pytest

from generation.briefs.brief import AllergyState, Brief, UsualDrug
from generation.reading.alignment import Alignment, align_brief
from tests.generation.reading.test_alignment import unmarked

HEART_FAILURE = Brief(
    specialty="Cardiologia",
    sex="M",
    age=78,
    diagnosis="Insuficiência cardíaca descompensada",
    icd10="I50.9",
    severity="NYHA III",
    allergy=AllergyState.DENIED,
    allergen="",
    drugs=(
        UsualDrug("Furosemida", "40 mg", "1 cp de manhã"),
        UsualDrug("Bisoprolol", "5 mg", "id"),
        UsualDrug("Apixabano", "5 mg", "12/12h"),
        UsualDrug("Metformina", "1000 mg", "bid"),
    ),
    comorbidities=("HTA", "DM tipo 2", "FA"),
    layout="",
)
HEART_FAILURE_NOTE = """Homem de 78 anos, autónomo nas AVD, com antecedentes de HTA, DM2, FA permanente e DPOC (GOLD B).

Medicação crónica: ⟦M furosemida 40mg, 1 cp/dia⟧; ⟦M bisoprolol 5mg id⟧; ⟦M apixabano (Eliquis) 5 mg 2x/dia⟧; \
⟦M metformina 1 g 1+0+1⟧.
Não são conhecidas ⟦N alergias medicamentosas⟧.

Refere dispneia para pequenos esforços com 5 dias de evolução, ortopneia e edemas dos MI. Nega toracalgia ou febre.
EO: TA 154/88 mmHg, FC 92 bpm (arrítmico), SpO2 89% aa.
No SU fez furosemida 60 mg ev com boa resposta diurética.

Em conclusão, ⟦D ICC descompensada⟧ em contexto de FA com RVR e incumprimento terapêutico. Internamento em Cardiologia.
"""

ENZYMES = replace(
    HEART_FAILURE,
    diagnosis="Enfarte agudo do miocárdio sem supradesnivelamento do segmento ST",
    allergy=AllergyState.AFFIRMED,
    allergen="amoxicilina/ácido clavulânico",
    drugs=(
        UsualDrug("Ácido acetilsalicílico", "100 mg", "1 cp ao almoço"),
        UsualDrug("Perindopril + Amlodipina", "5/5 mg", "1 cp de manhã"),
        UsualDrug("Levotiroxina", "0,1 mg", "em jejum"),
    ),
)
ENZYMES_NOTE = """IDENTIFICAÇÃO: mulher, 66 anos, caucasiana.
AP: HTA, dislipidemia, hipotiroidismo. Ex-fumadora (20 UMA).
Alergia à ⟦P amoxicilina + clavulânico⟧ (exantema maculopapular em 2015).
MH:
- ⟦M AAS 100 mg ao almoço⟧
- ⟦M Perindopril 5 mg + Amlodipina 5 mg, 1 comp de manhã⟧
- ⟦M Levotiroxina 100 µg id, em jejum⟧

HDA: dor pré-cordial opressiva com 3h de evolução. ECG: infraST V4-V6. Troponina 342 ng/L.
Carga de AAS 250 mg e ticagrelor 180 mg.
Hipóteses de diagnóstico: ⟦D enfarte agudo do miocárdio (EAM) sem supradesnivelamento do segmento ST⟧ \
(EAMSSST), Killip I.
"""

LUNG = replace(
    HEART_FAILURE,
    diagnosis="Exacerbação aguda de DPOC",
    allergy=AllergyState.AFFIRMED,
    allergen="AINEs",
    drugs=(
        UsualDrug("Tiotrópio", "18 mcg", "1 inalação/dia"),
        UsualDrug("Budesonida + Formoterol", "160/4,5 mcg", "2 inalações 12/12h"),
        UsualDrug("Prednisolona", "5 mg", "id"),
        UsualDrug("Salbutamol", "100 mcg", "2 puffs em SOS"),
    ),
)
LUNG_NOTE = """# DPOC GOLD D, sob OLD 16h/dia
# HTA
# Alergia a ⟦P anti-inflamatórios não esteroides⟧: broncospasmo

Terapêutica habitual:
- ⟦M Spiriva (tiotrópio) 18 µg 1x/dia⟧
- ⟦M Budesonido/formoterol 160/4.5 mcg 2 inal. de 12/12h⟧
- ⟦M Prednisolona 5mg/dia⟧
- ⟦M Salbutamol inalador 100 mcg 2 puffs SOS⟧

Agravamento da dispneia basal e da tosse, com expetoração purulenta, há 4 dias. Sem febre.
GSA (FiO2 24%): pH 7,33, pCO2 58, pO2 61.
Fez no SU salbutamol 5 mg nebulizado, ipratrópio e metilprednisolona 40 mg ev.

Impressão: ⟦D exacerbação aguda de doença pulmonar obstrutiva crónica⟧ (Anthonisen I).
"""

STROKE = replace(
    HEART_FAILURE,
    diagnosis="AVC isquémico cardioembólico",
    allergy=AllergyState.DENIED,
    drugs=(
        UsualDrug("Losartan + Hidroclorotiazida", "100/25 mg", "id"),
        UsualDrug("Sinvastatina", "20 mg", "ao deitar"),
        UsualDrug("Insulina glargina", "20 U", "ao deitar"),
    ),
)
STROKE_NOTE = """Motivo de vinda: défice motor de início súbito.
Antecedentes pessoais: FA não anticoagulada, HTA, DM tipo 2 insulinotratada.
⟦N Alergias⟧: nega.
Medicação: ⟦M losartan/HCTZ 100/25mg id⟧, ⟦M sinvastatina 20 mg à noite⟧ e \
⟦M Lantus (insulina glargina) 20 UI ao deitar⟧

Encontrado pela esposa às 8h com hemiparesia direita e afasia. NIHSS 14. TC-CE sem hemorragia. Fez alteplase às 9h40.

Plano: UAVC, monitorização.
Diagnóstico de admissão: ⟦D acidente vascular cerebral isquémico cardioembólico⟧, TACI à esquerda.
"""

PNEUMONIA = replace(
    HEART_FAILURE,
    diagnosis="PAC",
    allergy=AllergyState.AFFIRMED,
    allergen="penicilina",
    drugs=(
        UsualDrug("Omeprazol", "20 mg", "em jejum"),
        UsualDrug("Alopurinol", "300 mg", "0+0+1"),
        UsualDrug("Colecalciferol", "22400 UI", "1x/mês"),
        UsualDrug("Brometo de ipratrópio", "20 mcg", "2 puffs 8/8h"),
    ),
)
PNEUMONIA_NOTE = """Doente do sexo feminino, 84 anos, residente em lar, parcialmente dependente.

Antecedentes: HTA, demência, gota, osteoporose. Refere alergia medicamentosa à ⟦P Penicilina⟧, com edema da glote.
Medicada habitualmente com ⟦M omeprazol 20 mg (jejum)⟧, ⟦M alopurinol 0,3 g ao jantar⟧, \
⟦M colecalciferol 22 400 UI uma vez por mês⟧ e ⟦M brometo de ipratrópio 20 µg 2 puffs 3x/dia⟧.

Trazida por febre (38,9ºC), tosse produtiva e prostração com 48h de evolução. Rx tórax: condensação na base direita.
Dado alergia à ⟦P penicilina⟧, iniciou levofloxacina 500 mg ev.

Assume-se ⟦D pneumonia adquirida na comunidade⟧, CURB-65 de 3.
"""

KIDNEY = replace(
    HEART_FAILURE,
    diagnosis="Lesão renal aguda sobre doença renal crónica",
    allergy=AllergyState.UNMENTIONED,
    drugs=(
        UsualDrug("Sevelâmero", "800 mg", "1 cp às refeições"),
        UsualDrug("Darbepoetina alfa", "40 mcg", "sc semanal"),
        UsualDrug("Carvedilol", "6,25 mg", "bid"),
        UsualDrug("Metoprolol", "50 mg LP", "id"),
    ),
)
KIDNEY_NOTE = """ANTECEDENTES
DRC G4A3, seguida em consulta; HTA; anemia.

MEDICAÇÃO DE AMBULATÓRIO
⟦M Sevelâmero 800 mg às refeições (3x/dia)⟧
⟦M Darbepoetina alfa 40 µg SC 1x/semana⟧
⟦M Carvedilol 6.25mg 1 comp. 12/12 horas⟧
⟦M Succinato de metoprolol 50 mg LP 1 id⟧

HISTÓRIA DA DOENÇA ATUAL
Vómitos e diarreia há 3 dias, com diminuição do débito urinário. Creatinina 5,1 mg/dL (basal 2,4).

AVALIAÇÃO
⟦D LRA sobre DRC⟧ em contexto de desidratação.
PLANO
Soro fisiológico 1000 mL, suspender IECA se tomar.
"""

PANCREAS = replace(
    HEART_FAILURE,
    diagnosis="Pancreatite aguda biliar",
    allergy=AllergyState.DENIED,
    allergen="",
    drugs=(
        UsualDrug("Pantoprazol", "40 mg", "em jejum"),
        UsualDrug("Rosuvastatina + Ezetimiba", "10/10 mg", "id"),
    ),
)
PANCREAS_NOTE = """Serviço de Urgência - Gastrenterologia
Doente: F, 58 anos

Antecedentes pessoais relevantes:
# Litíase vesicular conhecida
# Dislipidemia
# Obesidade grau II
⟦N Alergias medicamentosas⟧: desconhecidas
Medicação habitual:
- ⟦M Pantoprazol 40 mg, 1 cp em jejum⟧
- ⟦M Rosuvastatina/Ezetimibe 10 mg/10 mg 1 cp à noite⟧

História da doença atual:
Dor epigástrica em barra com irradiação dorsal, com 12 horas de evolução, associada a náuseas e vómitos biliares.
Analiticamente: amilase 1840 U/L, lipase 3200 U/L, BT 2,8 mg/dL.
Ecografia: vesícula litiásica, VBP 8 mm.

Impressão diagnóstica: ⟦D Pancreatite aguda de etiologia biliar⟧, sem critérios de gravidade (BISAP 1).

Plano: jejum, fluidoterapia, analgesia com paracetamol 1g ev 8/8h e metamizol 2 g ev SOS.
"""

BONE = replace(
    HEART_FAILURE,
    diagnosis="Fratura do colo do fémur direito",
    allergy=AllergyState.AFFIRMED,
    allergen="metamizol",
    drugs=(
        UsualDrug("Ácido alendrónico", "70 mg", "1x/semana"),
        UsualDrug("Carbonato de cálcio + Colecalciferol", "1500 mg/400 UI", "1 cp mastigável/dia"),
        UsualDrug("Losartan", "50 mg", "id"),
        UsualDrug("Zolpidem", "10 mg", "ao deitar"),
    ),
)
BONE_NOTE = """Mulher, 86 anos, institucionalizada, marcha com andarilho.
AP: HTA; osteoporose; insónia. Alérgica ao ⟦P metamizol⟧ (agranulocitose).
MH: ⟦M alendronato 70 mg 1x/sem⟧, ⟦M carbonato de cálcio + vitamina D 1500 mg/400 UI id⟧, \
⟦M losartan 50 id⟧, ⟦M zolpidem 10mg ao deitar⟧.

Trazida ao SU por queda da própria altura no lar, com traumatismo da anca direita. Sem TCE, sem perda de conhecimento.
EO: MID encurtado e em rotação externa.
Rx bacia: fratura subcapital.
Iniciada analgesia (evitado metamizol).
Conclusão: ⟦D fratura do colo do fémur à direita⟧, com indicação cirúrgica.
"""

ASTHMA = replace(
    HEART_FAILURE,
    diagnosis="Crise asmática grave",
    allergy=AllergyState.AFFIRMED,
    allergen="ácido acetilsalicílico",
    drugs=(
        UsualDrug("Fluticasona + Salmeterol", "500/50 mcg", "1 inalação 12/12h"),
        UsualDrug("Montelucaste", "10 mg", "ao deitar"),
        UsualDrug("Salbutamol", "100 mcg", "2 puffs em SOS"),
    ),
)
ASTHMA_NOTE = """# IDENTIFICAÇÃO
Mulher, 34 anos, professora.
# ANTECEDENTES
- Asma alérgica desde a infância
- Rinossinusite com pólipos nasais
- Alergia medicamentosa: ⟦P AAS⟧ e AINEs (broncospasmo)
# MEDICAÇÃO HABITUAL
- ⟦M Salmeterol/Fluticasona 50/500 mcg, 1 inalação 12/12h⟧
- ⟦M Montelukast 10 mg ao deitar⟧
- ⟦M Salbutamol 100 mcg/dose, 2 puffs em SOS⟧
# HISTÓRIA DA DOENÇA ATUAL
Dispneia e pieira progressivas há 2 dias, sem resposta ao salbutamol.
# EXAME OBJETIVO
Polipneica (32 cpm), tiragem, SpO2 90% (aa), sibilos dispersos.
# DIAGNÓSTICO
⟦D Crise asmática grave⟧
# PLANO
- Salbutamol + brometo de ipratrópio em nebulização
- Hidrocortisona 200 mg EV
"""

BLEEDING = replace(
    HEART_FAILURE,
    diagnosis="Hemorragia digestiva alta por úlcera duodenal",
    allergy=AllergyState.DENIED,
    allergen="",
    drugs=(
        UsualDrug("Ibuprofeno", "600 mg", "8/8h"),
        UsualDrug("Amlodipina", "10 mg", "id"),
    ),
)
BLEEDING_NOTE = """MOTIVO DE VINDA: melenas
Homem 52A, HTA e lombalgia crónica. Fumador ativo (30 UMA). Nega ⟦N alergias medicamentosas⟧ conhecidas.
Medicado com ⟦M Norvasc (amlodipina) 10 mg id⟧ e ⟦M Ibuprofeno 600 mg de 8 em 8h⟧ (automedicação nas últimas 3 semanas).
HDA: melenas com 2 dias de evolução, tonturas. Sem dor abdominal.
TA 98/60, FC 110. Toque retal: melenas. Hb 7,9 g/dL (prévia 13,8).
EDA: úlcera do bulbo Forrest IIa; terapêutica endoscópica com clip + adrenalina.
Fez IBP em perfusão e 2 UCE.
Internado na UCI de Gastro por ⟦D HDA por úlcera duodenal⟧.
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("brief", "marked"),
    [
        (HEART_FAILURE, HEART_FAILURE_NOTE),
        (ENZYMES, ENZYMES_NOTE),
        (LUNG, LUNG_NOTE),
        (STROKE, STROKE_NOTE),
        (PNEUMONIA, PNEUMONIA_NOTE),
        (KIDNEY, KIDNEY_NOTE),
        (PANCREAS, PANCREAS_NOTE),
        (BONE, BONE_NOTE),
        (ASTHMA, ASTHMA_NOTE),
        (BLEEDING, BLEEDING_NOTE),
    ],
    ids=["heart", "enzymes", "lung", "stroke", "pneumonia", "kidney", "pancreas", "bone", "asthma", "bleeding"],
)
def test_free_prose_abbreviations_and_other_dose_formats_are_found(brief: Brief, marked: str, newline: str) -> None:
    text, spans = unmarked(marked.replace("\n", newline))
    found = align_brief(brief, text)
    assert [text[span.start : span.end] for span in found.spans] == [text[span.start : span.end] for span in spans]
    assert found == Alignment(tuple(spans))
